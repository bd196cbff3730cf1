//! Poison: cover traffic that teaches a wrong model, against attackers who train at the victim's home or in a lab of their own.

use super::ground::{Ground, Reached};
use super::made::{self, Made};
use super::result::{Detection, PoisonCell, Situation};
use super::sanitise::{Sanitised, detection};
use crate::Error;
use crate::experiment::audit::Table;
use crate::experiment::audit::fit::{Fit, Tables};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// The windows of a task at every share of poison: block after block, the first as they were measured.
pub struct Poisoned {
    /// The blocks as one table.
    pub table: Table,
    /// Share of each block (n_blocks), 0 first.
    pub shares: Vec<f64>,
    /// Rows of a block.
    pub n_rows: usize,
    /// For each block the row that each of its rows was replaced with (n_blocks × n_rows); `None` where it stands as it is.
    pub replaced: Vec<Vec<Option<u32>>>,
}

impl Poisoned {
    /// In each round a share of the windows, drawn at random, becomes replays of windows of the other condition: those of the same unit, else of its
    /// fold, so that no test window is made of a training window or the other way round. What a share replaces a larger one replaces too.
    ///
    /// # Errors
    /// [`Error::Learn`] where the numbers make no table.
    pub fn of(ground: &Ground<'_>) -> Result<Poisoned, Error> {
        let n_rows = ground.table.round.len();
        let shares: Vec<f64> = std::iter::once(0.0).chain(ground.settings.shares()).collect();
        let measured: Vec<Made> = (0..n_rows as u32).map(Made::measured).collect();
        let mut blocks = vec![measured; shares.len()];
        let mut replaced = vec![vec![None; n_rows]; shares.len()];
        for (round, rows) in ground.rows_of_round.iter().enumerate() {
            let replays = replays(ground, round);
            for ((share, block), replaced) in shares.iter().zip(&mut blocks).zip(&mut replaced) {
                let n = (share * rows.len() as f64).round() as usize;
                for &(row, of) in replays.iter().take(n) {
                    block[row as usize] = Made::measured(of);
                    replaced[row as usize] = Some(of);
                }
            }
        }
        Ok(Poisoned { table: made::table(ground.table, &blocks)?, shares, n_rows, replaced })
    }

    /// Rows of the measured table as rows of a block.
    pub fn in_block(&self, block: usize, rows: &[u32]) -> Vec<u32> {
        rows.iter().map(|row| row + (block * self.n_rows) as u32).collect()
    }
}

/// The rows of a round in random order, each with the row that would replace it.
///
/// Replays are exact: what is told from them is then never how they were made.
fn replays(ground: &Ground<'_>, round: usize) -> Vec<(u32, u32)> {
    let mut rng = ChaCha8Rng::seed_from_u64(ground.settings.seed);
    rng.set_stream(round as u64);
    let other = |r: &usize| ground.class(*r) != ground.class(round);
    let rounds = 0..ground.task.rounds.len();
    let mut from: Vec<usize> =
        rounds.clone().filter(other).filter(|&r| ground.unit(r) == ground.unit(round)).collect();
    if from.is_empty() {
        from = rounds.filter(other).filter(|&r| ground.fold(r) == ground.fold(round)).collect();
    }
    let mut donors: Vec<u32> = from.iter().flat_map(|&r| ground.rows_of_round[r].iter().copied()).collect();
    let mut rows = ground.rows_of_round[round].clone();
    rows.shuffle(&mut rng);
    donors.shuffle(&mut rng);
    rows.into_iter().zip(donors.into_iter().cycle()).collect()
}

/// What is fitted on which windows: block, whether it is sanitised, and the block that is then looked at.
type Attack = (usize, bool, usize);

/// Every attacker against every share.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn sweep(ground: &Ground<'_>) -> Result<(Vec<PoisonCell>, Vec<Detection>), Error> {
    let poisoned = Poisoned::of(ground)?;
    let sanitised = Sanitised::every(ground, &poisoned)?;
    let detections = detection(ground, &poisoned, &sanitised);
    let reached = attacks(ground, &poisoned, &sanitised)?;
    let clean = [false, true].map(|sanitises| ground.with_chosen(&reached[&(0, sanitises, 0)]));
    let mut cells = Vec::new();
    for (block, &share) in poisoned.shares.iter().enumerate() {
        for situation in Situation::ALL {
            let trained = if situation.trains_on_poison() { block } else { 0 };
            let looked_at = if situation.looks_at_poison() { block } else { 0 };
            // who trains on clean windows has nothing to leave out
            let sanitises: &[bool] = if situation.trains_on_poison() { &[false, true] } else { &[false] };
            for &sanitises in sanitises {
                let own = ground.with_chosen(&reached[&(trained, sanitises, looked_at)]);
                for ((learner, own), (_, clean)) in own.into_iter().zip(&clean[usize::from(sanitises)]) {
                    let (window, round) = own.against(clean, ground);
                    cells.push(PoisonCell { share, situation, sanitises, learner, window, round });
                }
            }
        }
    }
    Ok((cells, detections))
}

/// Fits every learner to every block, as it is and sanitised, and looks with it at clean windows and at those of the block; who trained on clean
/// ones looks at all blocks. By attack what each learner reached.
fn attacks(
    ground: &Ground<'_>,
    poisoned: &Poisoned,
    sanitised: &[Vec<Sanitised>],
) -> Result<BTreeMap<Attack, Vec<Reached>>, Error> {
    let n_blocks = poisoned.shares.len();
    let learners = &ground.settings.learners;
    let trained = (0..n_blocks).flat_map(|block| [(block, false), (block, true)]);
    let jobs: Vec<(usize, bool, usize, usize)> = trained
        .flat_map(|(block, sanitises)| (0..learners.len()).map(move |l| (block, sanitises, l)))
        .flat_map(|(block, sanitises, l)| (0..ground.n_folds).map(move |fold| (block, sanitises, l, fold)))
        .collect();
    ground.engine.stage(&format!("{}: poison", ground.label), jobs.len() as u64);
    let looked_at = |block: usize, sanitises: bool| -> Vec<usize> {
        match (block, sanitises) {
            (0, false) => (0..n_blocks).collect(),
            (0, true) => vec![0],
            _ => vec![0, block],
        }
    };
    let found = ground.engine.each(&jobs, |&(block, sanitises, learner, fold)| {
        let train = match sanitises {
            true => sanitised[block][fold].kept(poisoned),
            false => poisoned.in_block(block, &ground.without(&[fold])),
        };
        let tested = ground.tested(fold);
        let blocks = looked_at(block, sanitises);
        let test: Vec<u32> = blocks.iter().flat_map(|&block| poisoned.in_block(block, &tested)).collect();
        let fit = Fit::within(&poisoned.table, &learners[learner], train, test, ground.settings.seed);
        let values = fit.run(Tables::of(std::slice::from_ref(&poisoned.table)), &poisoned.table.data.y)?;
        Ok((tested, values))
    })?;
    let mut reached: BTreeMap<Attack, Vec<Reached>> = BTreeMap::new();
    for (&(block, sanitises, learner, _), (tested, values)) in jobs.iter().zip(&found) {
        let blocks = looked_at(block, sanitises);
        for (&look, values) in blocks.iter().zip(values.chunks_exact(values.len() / blocks.len())) {
            let of_learners = reached
                .entry((block, sanitises, look))
                .or_insert_with(|| vec![Reached::untested(ground); learners.len()]);
            of_learners[learner].add(ground, tested, values);
        }
    }
    Ok(reached)
}
