//! Inflation: more cover traffic of the same kind, so that an attacker has more to train on than he wanted.

use super::Clock;
use super::ground::{Ground, Reached};
use super::made::{self, Made};
use super::result::{Budget, InflationCell};
use crate::Error;
use crate::experiment::audit::Table;
use crate::experiment::audit::fit::{Fit, Tables};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// So many times the windows: block after block, the first as they were measured, the others like them.
fn inflated(ground: &Ground<'_>, multiple: u32) -> Result<Table, Error> {
    let round_of = |row: usize| ground.table.round[row] as usize;
    let n_rows = ground.table.round.len();
    let block = |number: u32| -> Vec<Made> {
        if number == 0 {
            return (0..n_rows as u32).map(Made::measured).collect();
        }
        // a block is the same in every multiple that has it
        let mut rng = ChaCha8Rng::seed_from_u64(ground.settings.seed);
        rng.set_stream(u64::from(number));
        let like = |row| Made::like(row as u32, &ground.rows_of_round[round_of(row)], &mut rng);
        (0..n_rows).map(like).collect()
    };
    made::table(ground.table, &(0..multiple).map(block).collect::<Vec<_>>())
}

/// Every attacker against every multiple.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn sweep(ground: &Ground<'_>, clock: Clock<'_>) -> Result<Vec<InflationCell>, Error> {
    let bytes: Option<f64> = ground.bytes().map(|bytes| bytes.iter().sum());
    let multiples: Vec<u32> = std::iter::once(1).chain(ground.settings.multiples()).collect();
    let mut clean: Vec<(String, Reached)> = Vec::new();
    let mut cells = Vec::new();
    for multiple in multiples {
        let cost = bytes.and_then(|bytes| ground.megabytes_per_day(bytes * f64::from(multiple - 1)));
        for (budget, found) in attacks(ground, multiple, clock)? {
            let own = ground.with_chosen(&found.reached);
            if clean.is_empty() {
                clean.clone_from(&own);
            }
            let windows = ground.mean_with_chosen(&found.windows);
            let seconds = ground.mean_with_chosen(&found.seconds);
            for (place, ((learner, own), (_, clean))) in own.into_iter().zip(&clean).enumerate() {
                let (window, round) = own.against(clean, ground);
                cells.push(InflationCell {
                    multiple,
                    budget,
                    learner,
                    training_windows: windows[place],
                    seconds: seconds[place],
                    megabytes_per_day: cost,
                    window,
                    round,
                });
            }
        }
    }
    Ok(cells)
}

/// What each learner gave: reached (n_learners), and of each fold the windows trained on and the seconds (n_learners × n_folds).
struct Found {
    reached: Vec<Reached>,
    windows: Vec<Vec<f64>>,
    seconds: Vec<Vec<f64>>,
}

/// Every learner on everything, and on as many windows as there are without inflation; always tested on measured windows.
fn attacks(ground: &Ground<'_>, multiple: u32, clock: Clock<'_>) -> Result<[(Budget, Found); 2], Error> {
    let table = inflated(ground, multiple)?;
    let learners = &ground.settings.learners;
    // the two are one without inflation
    let budgets: &[Budget] =
        if multiple == 1 { &[Budget::Everything] } else { &[Budget::Everything, Budget::Fixed] };
    let jobs: Vec<(Budget, usize, usize)> = budgets
        .iter()
        .flat_map(|&budget| (0..learners.len()).map(move |learner| (budget, learner)))
        .flat_map(|(budget, learner)| (0..ground.n_folds).map(move |fold| (budget, learner, fold)))
        .collect();
    ground.engine.stage(&format!("{}: {multiple} times the windows", ground.label), jobs.len() as u64);
    let found = ground.engine.each(&jobs, |&(budget, learner, fold)| {
        let learner = &learners[learner];
        let train = training(ground, multiple, budget, learner.entry.max_training_rows, fold);
        let n_windows = train.len() as f64;
        let fit = Fit::within(&table, learner, train, ground.tested(fold), ground.settings.seed);
        let start = clock();
        let values = fit.run(Tables::of(std::slice::from_ref(&table)), &table.data.y)?;
        let seconds = clock().saturating_sub(start).as_secs_f64();
        Ok((fit.test.rows, values, n_windows, seconds))
    })?;
    let of = |budget: Budget| {
        let mut of_budget = Found {
            reached: vec![Reached::untested(ground); learners.len()],
            windows: vec![Vec::new(); learners.len()],
            seconds: vec![Vec::new(); learners.len()],
        };
        let own = jobs.iter().zip(&found).filter(|((own, ..), _)| *own == budget || budgets.len() == 1);
        for ((_, learner, _), (rows, values, windows, seconds)) in own {
            of_budget.reached[*learner].add(ground, rows, values);
            of_budget.windows[*learner].push(*windows);
            of_budget.seconds[*learner].push(*seconds);
        }
        (budget, of_budget)
    };
    Ok([of(Budget::Everything), of(Budget::Fixed)])
}

/// The rows of the inflated table that are trained on; at random no more than a budget or what the learner can take.
fn training(
    ground: &Ground<'_>,
    multiple: u32,
    budget: Budget,
    most: Option<usize>,
    fold: usize,
) -> Vec<u32> {
    let n_rows = ground.table.round.len() as u32;
    let measured = ground.without(&[fold]);
    let within = (budget == Budget::Fixed).then_some(measured.len());
    let mut rows: Vec<u32> =
        (0..multiple).flat_map(|block| measured.iter().map(move |row| row + block * n_rows)).collect();
    let most = within.into_iter().chain(most).min().unwrap_or(rows.len());
    if rows.len() > most {
        let mut rng = ChaCha8Rng::seed_from_u64(ground.settings.seed);
        rng.set_stream((u64::from(multiple) << 32) + fold as u64);
        rows.shuffle(&mut rng);
        rows.truncate(most);
        rows.sort_unstable();
    }
    rows
}
