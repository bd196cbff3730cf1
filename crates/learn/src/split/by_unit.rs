//! Folds that never cut a unit: the split a verdict may rest on.
//!
//! Source: METHOD §4, "leave units out; never split within one".

use super::k_fold::check_classes;
use super::{Fold, Folds};
use crate::{Dataset, Error};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Deals whole units to `k` folds, balanced by rows of each class as far as whole units allow.
///
/// Units are shuffled, then taken from the largest on; each goes where its classes are scarcest.
///
/// # Errors
/// [`Error::NoRows`]; [`Error::OneClass`]; [`Error::NoUnits`] where the table names none;
/// [`Error::TooFewFolds`] for k below 2; [`Error::TooFewUnits`] where there are fewer units than folds;
/// [`Error::ClassOnlyTested`] where every unit of a class falls into one fold.
pub fn by_unit(data: &Dataset, k: usize, seed: u64) -> Result<Folds, Error> {
    check_classes(data)?;
    if k < 2 {
        return Err(Error::TooFewFolds { folds: k });
    }
    let mut units = units_of(data)?;
    if units.len() < k {
        return Err(Error::TooFewUnits { units: units.len(), folds: k });
    }
    units.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    units.sort_by_key(|unit| std::cmp::Reverse(unit.rows.len()));
    let mut members = vec![0usize; k];
    let mut loads = vec![vec![0usize; data.classes.len()]; k];
    let mut tested_in = vec![0; data.n_rows()];
    for (dealt, unit) in units.iter().enumerate() {
        let crowding = |fold: usize| -> usize {
            unit.counts.iter().zip(&loads[fold]).map(|(own, load)| own * load).sum()
        };
        // the last units go to folds that are still empty, so that every fold tests something
        let empty = members.iter().filter(|&&n| n == 0).count();
        let must_fill = units.len() - dealt <= empty;
        let fold = (0..k)
            .filter(|&fold| !must_fill || members[fold] == 0)
            .min_by_key(|&fold| (crowding(fold), members[fold], fold))
            .expect("k is 2 or more, and where a fold must be filled one is empty");
        members[fold] += 1;
        for (load, own) in loads[fold].iter_mut().zip(&unit.counts) {
            *load += own;
        }
        unit.rows.iter().for_each(|&row| tested_in[row] = fold as u32);
    }
    trained_on(data, Folds::from_column(&tested_in)?)
}

/// One fold for each unit, in the order of their numbers.
///
/// # Errors
/// As [`by_unit`], with as many folds as units.
pub fn leave_one_unit_out(data: &Dataset) -> Result<Folds, Error> {
    check_classes(data)?;
    let units = units_of(data)?;
    if units.len() < 2 {
        return Err(Error::TooFewUnits { units: units.len(), folds: 2 });
    }
    let mut tested_in = vec![0; data.n_rows()];
    for (fold, unit) in units.iter().enumerate() {
        unit.rows.iter().for_each(|&row| tested_in[row] = fold as u32);
    }
    trained_on(data, Folds::from_column(&tested_in)?)
}

struct Unit {
    rows: Vec<usize>,
    counts: Vec<usize>,
}

/// The units in the order of their numbers.
fn units_of(data: &Dataset) -> Result<Vec<Unit>, Error> {
    let units = data.units.as_ref().ok_or(Error::NoUnits)?;
    let mut numbers = units.clone();
    numbers.sort_unstable();
    numbers.dedup();
    let empty = || Unit { rows: Vec::new(), counts: vec![0; data.classes.len()] };
    let mut out: Vec<Unit> = numbers.iter().map(|_| empty()).collect();
    for (row, number) in units.iter().enumerate() {
        let unit = &mut out[numbers.partition_point(|n| n < number)];
        unit.rows.push(row);
        unit.counts[data.y[row] as usize] += 1;
    }
    Ok(out)
}

/// Every class that occurs is among every fold's training rows.
pub(super) fn trained_on(data: &Dataset, folds: Folds) -> Result<Folds, Error> {
    let all = data.class_counts();
    for (index, Fold { train, .. }) in folds.as_slice().iter().enumerate() {
        let mut trained = vec![false; all.len()];
        train.iter().for_each(|&row| trained[data.y[row as usize] as usize] = true);
        if let Some(class) = (0..all.len()).find(|&class| all[class] > 0 && !trained[class]) {
            return Err(Error::ClassOnlyTested { class: data.classes[class].clone(), fold: index });
        }
    }
    Ok(folds)
}
