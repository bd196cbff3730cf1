//! What stands beside the verdict: controls, the confounding index, the paper's protocol on the same windows,
//! and what single features give away.

use super::randomisation::randomise;
use super::result::{Control, Estimate, FeatureLeak, PaperCell};
use super::task::{Combination, Table, Task};
use crate::Error;
use crate::experiment::interval;
use crate::progress::Silent;
use overhear_learn::inference::Design;
use overhear_learn::learner::knn::Knn;
use overhear_learn::learner::{Learner, LearnerEntry, Split, find};
use overhear_learn::metric::Confusion;
use overhear_learn::split::{Folds, k_fold};
use overhear_learn::{Dataset, Matrix, Scaler};
use rayon::prelude::*;

/// Assignments of an A/A control: enough for p below its level.
const CONTROL_ASSIGNMENTS: usize = 199;
/// An A/A control must not reject at this level.
const CONTROL_LEVEL: f64 = 0.01;
/// Pairs of rounds that the confounding index looks at, at most.
const CONFOUNDING_PAIRS: usize = 40;

/// The paper's protocol and the honest one on the same windows.
///
/// # Errors
/// [`Error::Learn`].
pub fn paper(
    task: &Task,
    combinations: &[Combination],
    honest: impl Fn(usize) -> f64 + Sync,
    seed: u64,
) -> Result<Vec<PaperCell>, Error> {
    let cell = |(index, combination): (usize, &Combination)| {
        let table = &task.tables[combination.table];
        let cell = |optimistic| PaperCell {
            learner: combination.entry.name.to_owned(),
            windowing: table.windowing.clone(),
            optimistic,
            honest: honest(index),
        };
        match k_fold(&table.data, 10, seed) {
            Ok(folds) => Ok(Some(cell(score(table, combination.entry, &folds, seed)?))),
            // too few windows for the paper's folds: there is nothing to set beside
            Err(_) => Ok(None),
        }
    };
    let cells = combinations.par_iter().enumerate().map(cell).collect::<Result<Vec<_>, Error>>()?;
    Ok(cells.into_iter().flatten().collect())
}

/// Balanced accuracy of a learner over folds of rows.
fn score(table: &Table, entry: &LearnerEntry, folds: &Folds, seed: u64) -> Result<f64, Error> {
    let n_classes = table.data.classes.len();
    let mut confusion = Confusion::new(n_classes, &[], &[]);
    for fold in folds.as_slice() {
        let values = table.log_likelihoods(entry, &table.data.y, (&fold.train, &fold.test), seed)?;
        let told: Vec<u32> =
            values.chunks_exact(n_classes).map(overhear_learn::learner::most_likely).collect();
        let truth: Vec<u32> = fold.test.iter().map(|&row| table.data.y[row as usize]).collect();
        confusion.add(&Confusion::new(n_classes, &truth, &told));
    }
    Ok(confusion.balanced_accuracy().unwrap_or(1.0 / n_classes as f64))
}

/// What the best cut on each feature gives away, units left out; strongest first.
///
/// # Errors
/// [`Error::Learn`].
pub fn features(task: &Task, fold_of_unit: &[u32], seed: u64) -> Result<Vec<FeatureLeak>, Error> {
    let entry = find("one_threshold")?;
    let mut leaks = Vec::new();
    for table in &task.tables {
        let fold: Vec<u32> =
            table.round.iter().map(|&r| fold_of_unit[task.design.units[r as usize] as usize]).collect();
        let Ok(folds) = Folds::from_column(&fold) else { continue };
        let leak = |j: usize| {
            let single = single(table, j)?;
            Ok(FeatureLeak {
                feature: table.data.features[j].clone(),
                windowing: table.windowing.clone(),
                balanced_accuracy: score(&single, entry, &folds, seed)?,
                means: means(&table.data, j),
            })
        };
        let found = (0..table.data.features.len()).into_par_iter().map(leak);
        leaks.extend(found.collect::<Result<Vec<_>, Error>>()?);
    }
    leaks.sort_by(|a, b| b.balanced_accuracy.total_cmp(&a.balanced_accuracy));
    Ok(leaks)
}

/// A table of one feature alone.
fn single(table: &Table, feature: usize) -> Result<Table, Error> {
    let data = Dataset {
        features: vec![table.data.features[feature].clone()],
        x: Matrix::from_columns(&[table.data.x.column(feature)])?,
        ..table.data.clone()
    };
    Ok(Table::new(table.windowing.clone(), data, table.round.clone(), &[]))
}

fn means(data: &Dataset, feature: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); data.classes.len()];
    for (&x, &class) in data.x.column(feature).iter().zip(&data.y) {
        sums[class as usize].0 += x;
        sums[class as usize].1 += 1.0;
    }
    sums.iter().map(|(sum, n)| sum / f64::max(*n, 1.0)).collect()
}

/// Balanced accuracy of telling two rounds of the same condition apart: trained on one half of each, tested on
/// the other, so that neighbouring windows stay on one side. `None` with fewer than four units.
///
/// # Errors
/// [`Error::Learn`].
pub fn confounding(task: &Task, seed: u64) -> Result<Option<Estimate>, Error> {
    let table = &task.tables[0];
    let entry = find("random_forest")?;
    let mut pairs = Vec::new();
    for class in 0..task.conditions.len() as u32 {
        let rounds: Vec<usize> =
            (0..task.design.classes.len()).filter(|&round| task.design.classes[round] == class).collect();
        // each round against one half of all rounds away: another day, where there are several
        let far = rounds.len() / 2;
        pairs.extend(
            (0..rounds.len()).filter(|_| far > 0).map(|i| (rounds[i], rounds[(i + far) % rounds.len()])),
        );
    }
    let step = pairs.len().div_ceil(CONFOUNDING_PAIRS).max(1);
    let told = |&(a, b): &(usize, usize)| halves(table, entry, a, b, seed);
    let found: Vec<f64> = pairs
        .iter()
        .step_by(step)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(told)
        .collect::<Result<Vec<Option<f64>>, Error>>()?
        .into_iter()
        .flatten()
        .collect();
    let Some((low, high)) = interval::student(&found) else { return Ok(None) };
    if task.n_units < 4 {
        return Ok(None);
    }
    let value = interval::mean_and_std(&found).0;
    Ok(Some(Estimate { value, low: low.max(0.0), high: high.min(1.0) }))
}

fn halves(table: &Table, entry: &LearnerEntry, a: usize, b: usize, seed: u64) -> Result<Option<f64>, Error> {
    let [of_a, of_b] = [a, b].map(|wanted| table.rows(|round| round == wanted));
    if of_a.len() < 4 || of_b.len() < 4 {
        return Ok(None);
    }
    let labels: Vec<u32> = table.round.iter().map(|&round| u32::from(round as usize == b)).collect();
    let two = Dataset { classes: vec!["a".to_owned(), "b".to_owned()], ..table.data.clone() };
    let table = Table {
        data: two,
        windowing: table.windowing.clone(),
        presort: table.presort.clone(),
        round: table.round.clone(),
        blocks: Vec::new(),
    };
    let mut confusion = Confusion::new(2, &[], &[]);
    let join = |a: &[u32], b: &[u32]| {
        let mut rows = [a, b].concat();
        rows.sort_unstable();
        rows
    };
    let (a1, a2) = of_a.split_at(of_a.len() / 2);
    let (b1, b2) = of_b.split_at(of_b.len() / 2);
    for (train, test) in [(join(a1, b1), join(a2, b2)), (join(a2, b2), join(a1, b1))] {
        let values = table.log_likelihoods(entry, &labels, (&train, &test), seed)?;
        let told: Vec<u32> = values.chunks_exact(2).map(overhear_learn::learner::most_likely).collect();
        let truth: Vec<u32> = test.iter().map(|&row| labels[row as usize]).collect();
        confusion.add(&Confusion::new(2, &truth, &told));
    }
    Ok(confusion.balanced_accuracy())
}

/// Quiet against quiet: rounds of one condition, two by two, under false names. It must not reject.
///
/// # Errors
/// [`Error::Learn`].
pub fn same_against_same(task: &Task, class: u32, seed: u64) -> Result<Control, Error> {
    let name = format!("A/A: {}", task.conditions[class as usize]);
    let rounds: Vec<usize> =
        (0..task.design.classes.len()).filter(|&round| task.design.classes[round] == class).collect();
    let pairs = rounds.len() / 2;
    let false_task = pretended(task, &rounds[..2 * pairs], seed)?;
    if false_task.design.smallest_p(CONTROL_ASSIGNMENTS) > CONTROL_LEVEL {
        let rounds = match rounds.len() {
            1 => "1 round is".to_owned(),
            n => format!("{n} rounds are"),
        };
        let detail = format!("{rounds} too few: it takes 16 to reject at {CONTROL_LEVEL}");
        return Ok(Control { name, passed: None, detail });
    }
    let assignments = false_task.design.assignments(CONTROL_ASSIGNMENTS, seed);
    // the quick learners: a control asks whether the test holds its level, not what an attacker could do
    let quick = [find("knn")?, find("decision_tree")?];
    let combinations = false_task.combinations(&quick);
    let folds = false_task.folds(pairs.min(8), seed);
    let found = randomise(&false_task, &combinations, &assignments, &folds, seed, &Silent)?;
    let p = found.test.p;
    let passed = p > CONTROL_LEVEL;
    let detail = match passed {
        true => format!("{pairs} false pairs of the same condition: p = {p:.3}, not rejected"),
        false => {
            format!(
                "{pairs} false pairs of the same condition: p = {p:.3}, rejected: rounds differ by themselves, or \
                 this is the one clean control in a hundred that looks so"
            )
        }
    };
    Ok(Control { name, passed: Some(passed), detail })
}

/// A task of some rounds, taken two by two: a coin says which of a pair is called one thing, which the other.
fn pretended(task: &Task, rounds: &[usize], seed: u64) -> Result<Task, Error> {
    use rand::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let coins: Vec<u32> = rounds.chunks(2).map(|_| u32::from(rng.random::<bool>())).collect();
    let class = |round: u32| (round + coins[round as usize / 2]) % 2;
    let place = |round: u32| rounds.iter().position(|&r| r == round as usize);
    let tables = task.tables.iter().map(|table| {
        let rows = table.rows(|round| place(round as u32).is_some());
        let pick =
            |j: usize| -> Vec<f64> { rows.iter().map(|&row| table.data.x.value(row as usize, j)).collect() };
        let columns: Vec<Vec<f64>> = (0..table.data.x.n_columns()).map(pick).collect();
        let round: Vec<u32> =
            rows.iter().filter_map(|&row| place(table.round[row as usize])).map(|p| p as u32).collect();
        let starts = table.data.starts_ns.as_ref();
        let data = Dataset {
            features: table.data.features.clone(),
            x: Matrix::from_columns(&columns)?,
            y: round.iter().map(|&r| class(r)).collect(),
            classes: vec!["first".to_owned(), "second".to_owned()],
            units: None,
            starts_ns: starts.map(|starts| rows.iter().map(|&row| starts[row as usize]).collect()),
        };
        Ok(Table::new(table.windowing.clone(), data, round, &task.horizons))
    });
    let n = rounds.len() as u32;
    Ok(Task {
        conditions: vec!["first".to_owned(), "second".to_owned()],
        design: Design {
            units: (0..n).map(|round| round / 2).collect(),
            classes: (0..n).map(class).collect(),
            n_classes: 2,
        },
        n_units: rounds.len() / 2,
        horizons: task.horizons.clone(),
        tables: tables.collect::<Result<_, Error>>()?,
    })
}

/// Balanced accuracy of a positive control: wake commands against the first condition, units left out.
///
/// # Errors
/// [`Error::Learn`].
pub fn positive(task: &Task, combinations: &[Combination], seed: u64) -> Result<Control, Error> {
    let folds = task.folds(task.n_units.clamp(2, 8), seed);
    let true_one = task.design.assignments(0, seed);
    let found = randomise(task, combinations, &true_one, &folds, seed, &Silent)?;
    let best = found.balanced_accuracy.iter().copied().fold(0.0, f64::max);
    Ok(Control {
        name: format!("positive: {}", task.conditions[1]),
        passed: Some(best >= 0.9),
        detail: format!(
            "told from {} with a balanced accuracy of {best:.2} (0.9 is asked for)",
            task.conditions[0]
        ),
    })
}

/// Errors of the nearest neighbour and of as many as the Bayes risk's estimate takes, each with its interval.
pub struct Neighbours {
    /// 1-NN, for the lower bound.
    pub one: Estimate,
    /// kNN with k for the number of rows.
    pub many: Estimate,
}

/// How much wider an interval for a neighbour's error is than independent units would have it: two rows that are
/// each other's nearest err together, which doubles the variance at most.
const MUTUAL: f64 = std::f64::consts::SQRT_2;

/// The errors, balanced over conditions, units left out; their intervals are Student's over units, [`MUTUAL`] times
/// as wide.
///
/// Of equally near rows one is taken at random: taking the first would let a single row answer for all windows alike.
///
/// # Errors
/// [`Error::Learn`].
pub fn neighbours(task: &Task, fold_of_unit: &[u32], seed: u64) -> Result<Option<Neighbours>, Error> {
    let table = &task.tables[0];
    let fold: Vec<u32> =
        table.round.iter().map(|&r| fold_of_unit[task.design.units[r as usize] as usize]).collect();
    let Ok(folds) = Folds::from_column(&fold) else { return Ok(None) };
    let x = with_lots(&table.data.x, seed)?;
    let (y, n_classes) = (&table.data.y, task.conditions.len());
    let error = |k: usize| {
        let mut confusion = Confusion::new(n_classes, &[], &[]);
        let mut of_unit = vec![(0.0, 0.0); task.n_units];
        for fold in folds.as_slice() {
            let mut scaler = Scaler::fit(&x, &fold.train);
            // the lots keep their size
            if let (Some(mean), Some(deviation)) = (scaler.means.last_mut(), scaler.deviations.last_mut()) {
                (*mean, *deviation) = (0.0, 1.0);
            }
            let split = Split::of_one(&x, &fold.train, &fold.test, &scaler);
            let Some(known) = (Knn { k }).ahead_of_labels(&split) else { continue };
            let p = known.probabilities(y, n_classes);
            let told: Vec<u32> =
                p.chunks_exact(n_classes).map(overhear_learn::learner::most_likely).collect();
            let truth: Vec<u32> = fold.test.iter().map(|&row| y[row as usize]).collect();
            for ((&row, truth), told) in fold.test.iter().zip(&truth).zip(&told) {
                let (wrong, n) = &mut of_unit[task.design.units[table.round[row as usize] as usize] as usize];
                (*wrong, *n) = (*wrong + f64::from(truth != told), *n + 1.0);
            }
            confusion.add(&Confusion::new(n_classes, &truth, &told));
        }
        let value = 1.0 - confusion.balanced_accuracy().unwrap_or(1.0 / n_classes as f64);
        let shares: Vec<f64> = of_unit.iter().filter(|(_, n)| *n > 0.0).map(|(wrong, n)| wrong / n).collect();
        let half = interval::student(&shares).map_or(0.5, |(low, high)| (high - low) / 2.0);
        let half = MUTUAL * half;
        Estimate { value, low: (value - half).max(0.0), high: (value + half).min(1.0) }
    };
    let k = overhear_learn::leakage::bayes_risk_k(table.round.len());
    Ok(Some(Neighbours { one: error(1), many: error(k) }))
}

/// The columns and one more of random numbers, too small to matter between rows that differ.
fn with_lots(x: &Matrix, seed: u64) -> Result<Matrix, Error> {
    use rand::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let lots: Vec<f64> = (0..x.n_rows()).map(|_| 1e-4 * rng.random::<f64>()).collect();
    let columns: Vec<&[f64]> = (0..x.n_columns()).map(|j| x.column(j)).chain([&lots[..]]).collect();
    Ok(Matrix::from_columns(&columns)?)
}
