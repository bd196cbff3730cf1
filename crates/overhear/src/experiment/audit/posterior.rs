//! How sure an attacker grows while watching one round.
//!
//! Source: docs/method.md, "Time". Sums of log-likelihood ratios from the round's beginning, calibrated at
//! each moment on training units by models that did not see them: windows are never taken as independent.

use super::fit::{Fit, Tables};
use super::result::Posterior;
use super::task::{Combination, Task};
use crate::Error;
use crate::engine::Engine;
use overhear_learn::calibration::Platt;

/// Between two moments at which the posterior is looked at.
const STEP_S: i64 = 30;

/// An attacker who is this sure answers.
const SURE: f64 = 0.95;

/// Sums up to each moment: of each round (n_rounds), the ratio at each step; `None` where the round has ended.
type Sums = Vec<Vec<Option<f64>>>;

/// A round and its posterior of the true condition at each step.
type Followed = (usize, Vec<Option<f64>>);

/// Follows the posterior of one combination over the rounds; `None` for more than two conditions, without times
/// or with fewer than four folds.
///
/// # Errors
/// [`Error::Learn`].
pub fn follow(
    task: &Task,
    combination: &Combination,
    fold: &[u32],
    seed: u64,
    engine: &Engine<'_>,
) -> Result<Option<Posterior>, Error> {
    let table = &task.tables[combination.table];
    let n_folds = fold.iter().max().map_or(0, |fold| fold + 1);
    if task.conditions.len() != 2 || table.data.starts_ns.is_none() || n_folds < 3 {
        return Ok(None);
    }
    let outer = |&i: &u32| -> Result<Vec<Followed>, Error> {
        // calibrated on the other folds, each predicted by a model that left it and this one out
        let mut training: Sums = vec![Vec::new(); task.design.units.len()];
        for k in (0..n_folds).filter(|&k| k != i) {
            let inner = sums(task, combination, fold, &[i, k], seed)?;
            let of_k = |round: &usize| fold[task.design.units[*round] as usize] == k;
            (0..inner.len()).filter(of_k).for_each(|round| training[round] = inner[round].clone());
        }
        let tested = sums(task, combination, fold, &[i], seed)?;
        Ok(calibrated(task, &training, &tested))
    };
    let rounds: Vec<Followed> = engine.in_steps(&(0..n_folds).collect::<Vec<u32>>(), outer)?.concat();
    Ok(Some(summary(&rounds)))
}

/// Posterior of the true condition at each step, of each round that was tested.
fn calibrated(task: &Task, training: &Sums, tested: &Sums) -> Vec<Followed> {
    let n_steps = tested.iter().map(Vec::len).max().unwrap_or(0);
    let platts: Vec<Option<Platt>> = (0..n_steps)
        .map(|step| {
            let (mut scores, mut positive) = (Vec::new(), Vec::new());
            for (round, sums) in training.iter().enumerate() {
                if let Some(Some(sum)) = sums.get(step) {
                    scores.push(*sum);
                    positive.push(task.design.classes[round] == 1);
                }
            }
            let both = positive.iter().any(|&p| p) && positive.iter().any(|&p| !p);
            both.then(|| Platt::fit(&scores, &positive))
        })
        .collect();
    let of_true = |round: usize, (step, sum): (usize, &Option<f64>)| {
        let p = platts[step].as_ref()?.probability((*sum)?);
        Some(if task.design.classes[round] == 1 { p } else { 1.0 - p })
    };
    let rounds = tested.iter().enumerate().filter(|(_, sums)| !sums.is_empty());
    rounds
        .map(|(round, sums)| (round, sums.iter().enumerate().map(|one| of_true(round, one)).collect()))
        .collect()
}

/// Ratios summed from each left-out round's beginning to each step.
fn sums(
    task: &Task,
    combination: &Combination,
    fold: &[u32],
    left_out: &[u32],
    seed: u64,
) -> Result<Sums, Error> {
    let table = &task.tables[combination.table];
    let is_out = |round: usize| left_out.contains(&fold[task.design.units[round] as usize]);
    let (train, test) = (table.rows(|round| !is_out(round)), table.rows(is_out));
    let fit = Fit::within(table, &combination.learner, train, test.clone(), seed);
    let values = fit.run(Tables::of(&task.tables), &table.data.y)?;
    let starts = table.data.starts_ns.as_deref().unwrap_or(&[]);
    let mut all: Sums = vec![Vec::new(); task.design.units.len()];
    let mut first = vec![None; all.len()];
    for (&row, value) in test.iter().zip(values.chunks_exact(2)) {
        let round = table.round[row as usize] as usize;
        let (first_ns, stretch) =
            *first[round].get_or_insert((starts[row as usize], table.stretch[row as usize]));
        // behind a step of the clock nobody knows how long the round has been watched
        if table.stretch[row as usize] != stretch {
            continue;
        }
        let step = ((starts[row as usize] - first_ns).max(0) / (STEP_S * 1_000_000_000)) as usize;
        let sums = &mut all[round];
        let so_far = sums.last().copied().flatten().unwrap_or(0.0);
        // a step without a window leaves the sum as it was
        sums.resize((step + 1).max(sums.len()), Some(so_far));
        sums[step] = Some(so_far + value[1] - value[0]);
    }
    Ok(all)
}

fn summary(rounds: &[Followed]) -> Posterior {
    let longest = rounds.iter().map(|(_, p)| p.len()).max().unwrap_or(0);
    let (mut minutes, mut quartiles) = (Vec::new(), Vec::new());
    for step in 0..longest {
        let mut at: Vec<f64> = rounds.iter().filter_map(|(_, p)| *p.get(step)?).collect();
        // where most rounds have ended the rest say little
        if at.len() * 2 < rounds.len() {
            break;
        }
        at.sort_by(f64::total_cmp);
        let quantile = |q: f64| at[((at.len() - 1) as f64 * q).round() as usize];
        minutes.push((step as i64 + 1) as f64 * STEP_S as f64 / 60.0);
        quartiles.push([quantile(0.25), quantile(0.5), quantile(0.75)]);
    }
    let first_sure = |(_, p): &Followed| {
        p.iter().enumerate().find_map(|(step, p)| {
            let p = (*p)?;
            (p >= SURE || p <= 1.0 - SURE).then_some((step, p <= 1.0 - SURE))
        })
    };
    let mut sure: Vec<(usize, bool)> = rounds.iter().filter_map(first_sure).collect();
    sure.sort_unstable();
    let median_s =
        (sure.len() * 2 > rounds.len()).then(|| (sure[rounds.len() / 2].0 as i64 + 1) as f64 * STEP_S as f64);
    let wrong = sure.iter().filter(|(_, wrong)| *wrong).count();
    Posterior {
        minutes,
        quartiles,
        median_s,
        reached: sure.len() as f64 / rounds.len().max(1) as f64,
        wrong: (!sure.is_empty()).then(|| wrong as f64 / sure.len() as f64),
    }
}
