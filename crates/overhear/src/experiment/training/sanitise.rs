//! An attacker who looks for poison: edited nearest neighbours.
//!
//! Source: D. Wilson, "Asymptotic properties of nearest neighbor rules using edited data", IEEE Trans. Systems, Man, and Cybernetics 2,
//! 1972; as a defence against exchanged labels Paudice et al., "Label sanitization against label flipping poisoning attacks", 2018.

use super::ground::{Ground, mean};
use super::poison::Poisoned;
use super::result::Detection;
use crate::Error;
use overhear_learn::Scaler;
use overhear_learn::learner::knn::Knn;
use overhear_learn::learner::{Learner, Split};
use overhear_learn::metric::auc;
use std::collections::BTreeSet;

/// Neighbours that are asked.
pub const NEIGHBOURS: usize = 5;

/// The training windows of one fold as a sanitiser sees them.
pub struct Sanitised {
    block: usize,
    /// Training rows, as rows of the measured table.
    rows: Vec<u32>,
    /// Share of the nearest windows of other units that have another label (rows.len()), 0 to 1.
    disagreement: Vec<f64>,
    /// Whether each is trained on (rows.len()).
    keeps: Vec<bool>,
}

impl Sanitised {
    /// By block and fold.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub fn every(ground: &Ground<'_>, poisoned: &Poisoned) -> Result<Vec<Vec<Sanitised>>, Error> {
        let blocks = 0..poisoned.shares.len();
        let jobs: Vec<(usize, usize)> =
            blocks.flat_map(|block| (0..ground.n_folds).map(move |fold| (block, fold))).collect();
        ground.engine.stage(&format!("{}: looking for poison", ground.label), jobs.len() as u64);
        let of = |&(block, fold): &(usize, usize)| Ok(Sanitised::of(ground, poisoned, block, fold));
        let mut found = ground.engine.each(&jobs, of)?.into_iter();
        Ok(poisoned.shares.iter().map(|_| found.by_ref().take(ground.n_folds).collect()).collect())
    }

    fn of(ground: &Ground<'_>, poisoned: &Poisoned, block: usize, fold: usize) -> Sanitised {
        let rows = ground.without(&[fold]);
        let all = poisoned.in_block(block, &rows);
        let data = &poisoned.table.data;
        let scaler = Scaler::fit(&data.x, &all);
        let unit = |row: u32| ground.unit(ground.table.round[row as usize] as usize);
        let units: BTreeSet<usize> = rows.iter().map(|&row| unit(row)).collect();
        let mut disagreement = vec![0.0; rows.len()];
        for own in units {
            // windows of one unit are alike whatever their labels
            let (places, others): (Vec<usize>, Vec<usize>) =
                (0..rows.len()).partition(|&place| unit(rows[place]) == own);
            let [test, train] =
                [&places, &others].map(|places| places.iter().map(|&place| all[place]).collect::<Vec<u32>>());
            let split = Split::of_one(&data.x, &train, &test, &scaler);
            // no neighbours where there is no other unit
            let Some(known) = (Knn { k: NEIGHBOURS }).ahead_of_labels(&split) else { continue };
            let n_classes = data.classes.len();
            let shares = known.probabilities(&data.y, n_classes);
            for (&place, shares) in places.iter().zip(shares.chunks_exact(n_classes)) {
                disagreement[place] = 1.0 - shares[data.y[all[place] as usize] as usize];
            }
        }
        let mut keeps: Vec<bool> = disagreement.iter().map(|&share| share <= 0.5).collect();
        let left: BTreeSet<u32> = all
            .iter()
            .zip(&keeps)
            .filter(|(_, keeps)| **keeps)
            .map(|(&row, _)| data.y[row as usize])
            .collect();
        // who would be left without a condition sees that it cannot be poison
        if left.len() < data.classes.len() {
            keeps.fill(true);
        }
        Sanitised { block, rows, disagreement, keeps }
    }

    /// What is trained on, as rows of the poisoned table.
    pub fn kept(&self, poisoned: &Poisoned) -> Vec<u32> {
        let kept = self.rows.iter().zip(&self.keeps).filter(|(_, keeps)| **keeps).map(|(&row, _)| row);
        poisoned.in_block(self.block, &kept.collect::<Vec<u32>>())
    }
}

/// How well poison was told from clean training windows, and what its replays cost, by share.
pub fn detection(ground: &Ground<'_>, poisoned: &Poisoned, sanitised: &[Vec<Sanitised>]) -> Vec<Detection> {
    let bytes = ground.bytes();
    let of = |(block, found): (usize, &Vec<Sanitised>)| {
        let replaced = &poisoned.replaced[block];
        // by whether it is poison: windows, and those that are left out
        let (mut windows, mut left_out) = ([0.0; 2], [0.0; 2]);
        for one in found {
            for (&row, &keeps) in one.rows.iter().zip(&one.keeps) {
                let poison = usize::from(replaced[row as usize].is_some());
                windows[poison] += 1.0;
                left_out[poison] += f64::from(!keeps);
            }
        }
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let has_poison = windows[1] > 0.0;
        let replayed = |bytes: &Vec<f64>| replaced.iter().flatten().map(|&row| bytes[row as usize]).sum();
        Detection {
            share: poisoned.shares[block],
            auc: has_poison.then(|| mean(ground, &auc_by_unit(ground, replaced, found))),
            precision: share(left_out[1], left_out[0] + left_out[1]).filter(|_| has_poison),
            recall: share(left_out[1], windows[1]),
            clean_left_out: share(left_out[0], windows[0]).unwrap_or(0.0),
            megabytes_per_day: bytes.as_ref().map(replayed).and_then(|bytes| ground.megabytes_per_day(bytes)),
        }
    };
    sanitised.iter().enumerate().map(of).collect()
}

/// The area under the ROC curve within each unit (n_units), mean of the folds in which it is trained on; NaN of a unit without poison.
fn auc_by_unit(ground: &Ground<'_>, replaced: &[Option<u32>], found: &[Sanitised]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); ground.task.n_units];
    for one in found {
        let mut of_unit = vec![(Vec::new(), Vec::new()); ground.task.n_units];
        for (&row, &disagreement) in one.rows.iter().zip(&one.disagreement) {
            let unit = ground.unit(ground.table.round[row as usize] as usize);
            let (poison, scores) = &mut of_unit[unit];
            poison.push(replaced[row as usize].is_some());
            scores.push(disagreement);
        }
        for ((sum, n), (poison, scores)) in sums.iter_mut().zip(&of_unit) {
            if let Some(area) = auc(poison, scores) {
                (*sum, *n) = (*sum + area, *n + 1.0);
            }
        }
    }
    sums.into_iter().map(|(sum, n)| if n > 0.0 { sum / n } else { f64::NAN }).collect()
}
