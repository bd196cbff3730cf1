//! Runs the paper's protocol: both tasks, every windowing, every learner, random k-fold over windows.
//!
//! Source: paper §3.3 and §4; docs/method.md, "Learners" and "The paper's protocol". A departure: the scaler is fitted inside each
//! fold. Fits are jobs of (task, windowing, learner, fold), each on one thread, so that fit times are
//! those of one core and results are the same on any number of threads.

use super::interval;
use super::paper::{
    CaptureFile, Cell, ConditionSummary, CorrelationMatrix, Importance, PacketMean, PaperResult, Quantity,
    Scope, Score, Task,
};
use crate::Error;
use crate::assemble::{self, RoundSource, RoundWindows, Source, Windows};
use crate::campaign::Generated;
use crate::caveat::{Caveat, Effect, Fact};
use crate::engine::Engine;
use overhear_learn::cross_validation::{Evaluation, FoldResult, Options, run_fold};
use overhear_learn::learner::{LEARNERS, LearnerEntry, extra_trees, ridge, svm};
use overhear_learn::split::{Folds, k_fold};
use overhear_learn::{Dataset, Presort, metric};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::Selection;
use overhear_traffic::window::Windowing;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

/// Learners whose features the paper ranks (Figure 9): they get permutation importance too.
const RANKED: [&str; 2] = ["adaboost", "decision_tree"];

/// How the protocol is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of folds and learners.
    pub seed: u64,
    /// Folds of the cross-validation.
    pub folds: usize,
    /// Windowings.
    pub windowings: Vec<Windowing>,
}

impl Settings {
    /// The paper's: ten folds, twenty windowings.
    pub fn paper(seed: u64) -> Settings {
        Settings { seed, folds: 10, windowings: Windowing::paper() }
    }

    /// A quick look: five folds, four sizes.
    pub fn quick(seed: u64) -> Settings {
        let wanted = |w: &Windowing| [15, 50, 200, 500].contains(&w.size());
        Settings { seed, folds: 5, windowings: Windowing::paper().into_iter().filter(wanted).collect() }
    }
}

/// What it is run on.
#[derive(Debug, Clone)]
pub struct Input {
    /// Name of the device.
    pub name: String,
    /// Whose packets.
    pub device: Device,
    /// Rounds to read.
    pub rounds: Vec<RoundSource>,
    /// Conditions, in the order to be shown.
    pub conditions: Vec<String>,
    /// Set where the traffic was generated: seed and knobs, in words.
    pub generated: Option<String>,
    /// Rounds that the campaign says were lost.
    pub lost: Vec<Caveat>,
}

/// Runs the protocol. `clock` tells the time since some fixed moment.
///
/// # Errors
/// [`Error::NothingLeft`] where there are not two conditions, what reading the rounds gives, [`Error::Stopped`]. A windowing with too few
/// windows is no error: its cells say so.
pub fn run(
    input: &Input,
    settings: &Settings,
    clock: &(dyn Fn() -> Duration + Sync),
    engine: &Engine<'_>,
) -> Result<PaperResult, Error> {
    let start = clock();
    if input.conditions.len() < 2 {
        let condition = input.conditions.first().cloned();
        return Err(Error::NothingLeft { caveats: Vec::new(), condition });
    }
    let selection = Selection { device: input.device, observer: Observer::Gateway };
    let windows = assemble::windows(&input.rounds, selection, &settings.windowings, engine)?;
    let tasks = tasks(&input.conditions);
    let said = windows.rounds.iter().find_map(|read| read.summary.generated.as_deref());
    let generated = said.map(Generated::of_comment);
    let tables = tables(&windows, &tasks, settings, engine)?;
    let (cells, importances) = evaluate(&tables, settings, clock, engine)?;
    Ok(PaperResult {
        conditions: input.conditions.iter().map(|c| condition_summary(input, &windows, c)).collect(),
        means: packet_means(&windows, &input.conditions),
        correlations: input.conditions.iter().map(|c| correlations(&windows, c)).collect(),
        cells,
        importances,
        caveats: caveats(input, &windows),
        scope: Scope {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: input.name.clone(),
            generated: input.generated.clone().or(generated),
            seed: settings.seed,
            folds: settings.folds,
            windowings: settings.windowings.iter().map(ToString::to_string).collect(),
            learners: OF_THE_PAPER.iter().map(|entry| entry.name.to_owned()).collect(),
            svm_rows: svm::ENTRY.max_training_rows.unwrap_or(usize::MAX),
            tasks,
            threads: rayon::current_num_threads(),
            elapsed_s: clock().saturating_sub(start).as_secs_f64(),
        },
    })
}

/// What was noticed of the rounds. This protocol gives no verdict: every round is used, and what is known stands beside.
fn caveats(input: &Input, windows: &Windows) -> Vec<Caveat> {
    // receivers are missing from a cooked capture's MAC addresses alone
    let by_mac = matches!(input.device, Device::Mac(_));
    let longest = windows.rounds.iter().map(|read| read.longest_gap_ns).max().unwrap_or(0);
    let of_round = |(index, (source, read)): (usize, (&RoundSource, &RoundWindows))| {
        let capture = source.name().display().to_string();
        let noted = move |fact| Caveat { effect: Effect::Noted, ..Caveat::of_round(index, &capture, fact) };
        let known = assemble::facts(source, read, longest).into_iter();
        let matters = |fact: &Fact| by_mac || !matches!(fact, Fact::CookedCapture { .. });
        known.filter(matters).map(noted).collect::<Vec<_>>()
    };
    let read = input.rounds.iter().zip(&windows.rounds);
    let known = read.map(|(source, read)| (source.place, (source, read))).flat_map(of_round);
    input.lost.iter().cloned().chain(known).collect()
}

/// The paper's two tasks where their conditions are there; else each condition against the next.
fn tasks(conditions: &[String]) -> Vec<Task> {
    let task = |negative: &str, positive: &str| Task {
        name: format!("{negative}/{positive}"),
        negative: negative.to_owned(),
        positive: positive.to_owned(),
    };
    let paper = [("mic_off", "mic_on"), ("mic_on", "mic_on_noise")];
    let there = |name: &str| conditions.iter().any(|c| c == name);
    let found: Vec<Task> =
        paper.into_iter().filter(|(a, b)| there(a) && there(b)).map(|(a, b)| task(a, b)).collect();
    match found.is_empty() {
        true => conditions.windows(2).map(|pair| task(&pair[0], &pair[1])).collect(),
        false => found,
    }
}

/// The register but for those that only an audit's attackers need.
static OF_THE_PAPER: LazyLock<Vec<&'static LearnerEntry>> = LazyLock::new(|| {
    let others = [extra_trees::ENTRY.name, ridge::ENTRY.name];
    LEARNERS.iter().filter(|entry| !others.contains(&entry.name)).collect()
});

/// One task on one windowing, ready for all learners.
struct Table {
    task: String,
    windowing: Windowing,
    data: Dataset,
    presort: Presort,
    /// Or why there are none.
    folds: Result<Folds, String>,
}

fn tables(
    windows: &Windows,
    tasks: &[Task],
    settings: &Settings,
    engine: &Engine<'_>,
) -> Result<Vec<Table>, Error> {
    let mut wanted = Vec::new();
    for task in tasks {
        wanted.extend((0..settings.windowings.len()).map(|windowing| (task, windowing)));
    }
    let table = |&(task, windowing): &(&Task, usize)| {
        let data = windows.dataset(windowing, &[&task.negative, &task.positive])?;
        Ok(Table {
            task: task.name.clone(),
            windowing: settings.windowings[windowing],
            presort: Presort::new(&data.x),
            folds: k_fold(&data, settings.folds, settings.seed).map_err(|e| e.to_string()),
            data,
        })
    };
    engine.in_steps(&wanted, table)
}

/// One fit and its score: a learner on one fold of one table.
#[derive(Clone, Copy)]
struct Job {
    table: usize,
    learner: usize,
    fold: usize,
}

/// Fold results of one learner on one table, until they are all there.
type Pending = Mutex<Vec<Option<FoldResult>>>;

fn evaluate(
    tables: &[Table],
    settings: &Settings,
    clock: &(dyn Fn() -> Duration + Sync),
    engine: &Engine<'_>,
) -> Result<(Vec<Cell>, Vec<Importance>), Error> {
    // how long a job takes against others, roughly: what progress is counted in
    let cost = |job: &Job| OF_THE_PAPER[job.learner].cost * tables[job.table].data.n_rows() as u64 + 1;
    let mut jobs = jobs(tables);
    // the longest first, so that no long one is left to run alone at the end
    jobs.sort_by_key(|job| std::cmp::Reverse(cost(job)));
    engine.stage("training and testing", jobs.iter().map(cost).sum());

    let n_learners = OF_THE_PAPER.len();
    let pending: Vec<Pending> = (0..tables.len() * n_learners).map(|_| Mutex::default()).collect();
    let scored: Vec<Mutex<Option<Scored>>> = pending.iter().map(|_| Mutex::default()).collect();
    // pulled one by one in this order by whichever thread is free; what each gives does not depend on it
    engine.pulled(&jobs, |job| {
        let (table, entry) = (&tables[job.table], &OF_THE_PAPER[job.learner]);
        let Ok(folds) = &table.folds else { return Ok(()) };
        let result = run(table, entry, folds, job.fold, settings, clock)?;
        let cell = job.table * n_learners + job.learner;
        if let Some(results) = complete(&pending[cell], job.fold, folds.len(), result) {
            *lock(&scored[cell]) = Some(score(table, entry, folds, results));
        }
        engine.steps(cost(job));
        return Ok(());

        fn run(
            table: &Table,
            entry: &LearnerEntry,
            folds: &Folds,
            fold: usize,
            settings: &Settings,
            clock: &(dyn Fn() -> Duration + Sync),
        ) -> Result<FoldResult, Error> {
            let options = Options {
                seed: settings.seed,
                scale: true,
                importances: RANKED.contains(&entry.name),
                clock,
                max_training_rows: entry.max_training_rows,
            };
            let learner = (entry.default)();
            Ok(run_fold(&table.data, &table.presort, &*learner, folds, fold, &options)?)
        }
    })?;
    let mut scored = scored.into_iter().map(|cell| cell.into_inner().unwrap_or_else(|e| e.into_inner()));
    let (mut cells, mut importances) = (Vec::new(), Vec::new());
    for table in tables {
        for entry in OF_THE_PAPER.iter() {
            let (score, mut ranked) =
                scored.next().flatten().map_or((None, Vec::new()), |s| (Some(s.0), s.1));
            cells.push(Cell {
                task: table.task.clone(),
                windowing: table.windowing.to_string(),
                learner: entry.name.to_owned(),
                n_windows: table.data.n_rows(),
                left_out: table.folds.as_ref().err().cloned(),
                score,
            });
            importances.append(&mut ranked);
        }
    }
    Ok((cells, importances))
}

fn jobs(tables: &[Table]) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (table, entry) in tables.iter().enumerate() {
        let folds = entry.folds.as_ref().map_or(0, Folds::len);
        for learner in 0..OF_THE_PAPER.len() {
            jobs.extend((0..folds).map(|fold| Job { table, learner, fold }));
        }
    }
    jobs
}

/// Puts one fold's result to the others; all of them once the last has come.
fn complete(pending: &Pending, fold: usize, n_folds: usize, result: FoldResult) -> Option<Vec<FoldResult>> {
    let mut results = lock(pending);
    results.resize(n_folds, None);
    results[fold] = Some(result);
    if results.iter().all(Option::is_some) { results.drain(..).collect() } else { None }
}

/// A lock whose holder panicked holds what it held: the panic is on its way to the caller anyway.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

type Scored = (Score, Vec<Importance>);

fn score(table: &Table, entry: &LearnerEntry, folds: &Folds, results: Vec<FoldResult>) -> Scored {
    let evaluation = Evaluation::of(&table.data, folds, results);
    let accuracies: Vec<f64> = evaluation.folds.iter().map(|fold| fold.accuracy).collect();
    let (accuracy, accuracy_std) = interval::mean_and_std(&accuracies);
    let n_classes = table.data.classes.len();
    let per_fold = |seconds: fn(&FoldResult) -> f64| {
        evaluation.folds.iter().map(seconds).sum::<f64>() / evaluation.folds.len() as f64
    };
    let score = Score {
        accuracy,
        accuracy_std,
        accuracy_interval: interval::accuracy(&accuracies, evaluation.confusion.total()),
        balanced_accuracy: evaluation.confusion.balanced_accuracy().unwrap_or(accuracy),
        auc: metric::macro_auc(&table.data.y, &evaluation.probabilities, n_classes),
        confusion: (0..n_classes)
            .map(|truth| (0..n_classes).map(|said| evaluation.confusion.count(truth, said)).collect())
            .collect(),
        fit_s: per_fold(|fold| fold.fit_s),
        predict_s: per_fold(|fold| fold.predict_s),
        fold_accuracies: accuracies,
    };
    (score, importances(table, entry, &evaluation))
}

fn importances(table: &Table, entry: &LearnerEntry, evaluation: &Evaluation) -> Vec<Importance> {
    let feature = |(j, name): (usize, &String)| {
        let over_folds = |kind: fn(&FoldResult) -> Option<&Vec<f64>>| {
            let values: Option<Vec<f64>> =
                evaluation.folds.iter().map(|fold| kind(fold).map(|values| values[j])).collect();
            values.map(|values| interval::mean_and_std(&values))
        };
        let (permutation, permutation_std) = over_folds(|fold| fold.permutation.as_ref())?;
        let gini = over_folds(|fold| fold.gini.as_ref());
        Some(Importance {
            task: table.task.clone(),
            windowing: table.windowing.to_string(),
            learner: entry.name.to_owned(),
            feature: name.clone(),
            gini: gini.map(|(mean, _)| mean),
            gini_std: gini.map(|(_, std)| std),
            permutation,
            permutation_std,
        })
    };
    table.data.features.iter().enumerate().filter_map(feature).collect()
}

fn condition_summary(input: &Input, windows: &Windows, condition: &str) -> ConditionSummary {
    let stats = windows.stats(condition);
    let own = |index: &usize| input.rounds[*index].condition == condition;
    let rounds: Vec<usize> = (0..input.rounds.len()).filter(own).collect();
    let span_s = |&index: &usize| {
        let summary = &windows.rounds[index];
        summary.last_ns.zip(summary.first_ns).map_or(0.0, |(last, first)| (last - first) as f64 / 1e9)
    };
    let captures = rounds.iter().filter_map(|&index| match &input.rounds[index].source {
        Source::Capture(path) => Some(CaptureFile {
            path: path.display().to_string(),
            sha256: input.rounds[index].sha256.clone().unwrap_or_default(),
        }),
        Source::Generated(_) => None,
    });
    ConditionSummary {
        condition: condition.to_owned(),
        packets: stats.packets,
        bytes: stats.bytes,
        duration_s: rounds.iter().map(span_s).sum(),
        captures: captures.collect(),
        clock_regressions: rounds.iter().map(|&i| windows.rounds[i].summary.clock.regressions).sum(),
    }
}

fn packet_means(windows: &Windows, conditions: &[String]) -> Vec<PacketMean> {
    let mut means = Vec::new();
    for condition in conditions {
        let stats = windows.stats(condition);
        means.extend(Quantity::ALL.map(|quantity| PacketMean {
            condition: condition.clone(),
            quantity,
            n: stats.n(quantity),
            mean: stats.mean(quantity),
            interval: interval::student(stats.block_means(quantity)),
        }));
    }
    means
}

fn correlations(windows: &Windows, condition: &str) -> CorrelationMatrix {
    let stats = windows.stats(condition);
    let r = Quantity::ALL.map(|a| Quantity::ALL.map(|b| stats.correlation(a, b)));
    CorrelationMatrix { condition: condition.to_owned(), r }
}
