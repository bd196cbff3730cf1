//! Learners on any table of numbers: score, confusion, times.

use super::interval;
use crate::Error;
use crate::campaign::Campaign;
use crate::engine::Engine;
use crate::table::{Column, Labelled, Table, layout};
use overhear_learn::cross_validation::{Evaluation, FoldResult, Options, run_fold};
use overhear_learn::learner::{Configured, Model, Training};
use overhear_learn::model_file::TrainedOn;
use overhear_learn::split::{self, Folds};
use overhear_learn::{Dataset, Presort, Scaler, metric};
use overhear_traffic::capture::CaptureReader;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// How rows are cut into training and test rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// Stratified random folds over rows: the paper's, optimistic where neighbours are alike.
    KFold(usize),
    /// Whole units left out, in so many folds (or as many as there are units).
    ByUnit(usize),
    /// Forward in time: train on what came before, test on the next part; in so many steps.
    Forward(usize),
    /// As a column says.
    Column(String),
}

impl FromStr for Split {
    type Err = String;

    fn from_str(text: &str) -> Result<Split, String> {
        let (kind, rest) = text.split_once(':').map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        let folds = |default: usize| match rest.map(str::parse) {
            None => Ok(default),
            Some(Ok(n)) if n >= 2 => Ok(n),
            _ => Err(format!("{text:?}: the number of folds is 2 or more")),
        };
        match (kind, rest) {
            ("k-fold", _) => folds(10).map(Split::KFold),
            ("by-unit", _) => folds(10).map(Split::ByUnit),
            ("forward", _) => folds(5).map(Split::Forward),
            ("column", Some(name)) if !name.is_empty() => Ok(Split::Column(name.to_owned())),
            _ => Err(format!("{text:?}: write k-fold:10, by-unit, forward or column:NAME")),
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Split::KFold(k) => write!(f, "k-fold:{k}"),
            Split::ByUnit(k) => write!(f, "by-unit:{k}"),
            Split::Forward(k) => write!(f, "forward:{k}"),
            Split::Column(name) => write!(f, "column:{name}"),
        }
    }
}

impl Split {
    /// Cuts a table.
    ///
    /// # Errors
    /// [`Error::Learn`]: no units, one class, too few rows or units for the folds; it says what to change.
    pub fn folds(&self, table: &Labelled, seed: u64) -> Result<Folds, Error> {
        let data = &table.data;
        Ok(match self {
            Split::KFold(k) => split::k_fold(data, *k, seed)?,
            Split::ByUnit(k) => {
                let units: BTreeSet<u32> = data.units.iter().flatten().copied().collect();
                split::by_unit(data, (*k).min(units.len().max(2)), seed)?
            }
            Split::Forward(k) if data.starts_ns.is_some() => split::forward(data, *k)?,
            Split::Forward(k) => {
                // without times the rows' own order is the order in time
                let starts_ns = Some((0..data.n_rows() as i64).collect());
                split::forward(&Dataset { starts_ns, ..data.clone() }, *k)?
            }
            Split::Column(_) => Folds::from_column(table.folds.as_deref().unwrap_or(&[]))?,
        })
    }
}

/// One learner to be evaluated.
#[derive(Debug, Clone)]
pub struct Contender {
    /// Which, and how it is set.
    pub learner: Configured,
    /// Train it on at most so many rows.
    pub max_training_rows: Option<usize>,
}

/// What one learner scored; a line of `evaluate --json`.
#[derive(Debug, Clone, Serialize)]
pub struct LearnerScore {
    /// Permanent name, with the settings given: `knn:k=7`.
    pub learner: String,
    /// As typed, `k-fold:10`.
    pub split: String,
    /// Rows of the table.
    pub n_rows: usize,
    /// Features of the table.
    pub n_features: usize,
    /// Names of the classes, in the order of `confusion`.
    pub classes: Vec<String>,
    /// Mean of the folds' accuracies.
    pub accuracy: f64,
    /// Their sample deviation.
    pub accuracy_std: f64,
    /// Mean of the classes' recalls, out of fold; `None` where a class was never tested.
    pub balanced_accuracy: Option<f64>,
    /// Area under the ROC curve, out of fold; one-against-the-rest mean for more than two classes.
    pub auc: Option<f64>,
    /// True class by predicted class, summed over folds (n_classes × n_classes).
    pub confusion: Vec<Vec<u64>>,
    /// Most rows any fold was trained on.
    pub n_training_rows: usize,
    /// Mean wall seconds to fit one fold.
    pub fit_s: f64,
    /// Mean wall seconds to predict one fold.
    pub predict_s: f64,
}

/// Rows of one class that were predicted as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confused {
    /// The true class, as a place in [`LearnerScore::classes`].
    pub truth: usize,
    /// The class predicted.
    pub predicted: usize,
    /// How many rows.
    pub rows: u64,
    /// Of how many tested rows of the true class.
    pub of: u64,
}

impl LearnerScore {
    /// Which classes are taken for which, most rows first; of equal ones in the order of the classes.
    pub fn confusions(&self) -> Vec<Confused> {
        let row = |(truth, row): (usize, &Vec<u64>)| {
            let of = row.iter().sum();
            let wrong =
                row.iter().enumerate().filter(move |&(predicted, &rows)| predicted != truth && rows > 0);
            wrong.map(move |(predicted, &rows)| Confused { truth, predicted, rows, of }).collect::<Vec<_>>()
        };
        let mut found: Vec<Confused> = self.confusion.iter().enumerate().flat_map(row).collect();
        found.sort_by_key(|confused| std::cmp::Reverse(confused.rows));
        found
    }
}

/// Evaluates learners on the same folds; jobs of (learner, fold) spread over threads.
///
/// # Errors
/// What cutting and fitting give; [`Error::Stopped`].
pub fn evaluate(
    table: &Labelled,
    contenders: &[Contender],
    split: &Split,
    options: &Options<'_>,
    engine: &Engine<'_>,
) -> Result<Vec<LearnerScore>, Error> {
    let data = &table.data;
    let folds = split.folds(table, options.seed)?;
    let presort = Presort::new(&data.x);
    let jobs: Vec<(&Contender, usize)> =
        contenders.iter().flat_map(|c| (0..folds.len()).map(move |fold| (c, fold))).collect();
    engine.stage("training and testing", jobs.len() as u64);
    let run = |&(contender, fold): &(&Contender, usize)| {
        let options = Options { max_training_rows: contender.max_training_rows, ..*options };
        let learner = contender.learner.learner();
        Ok(run_fold(data, &presort, &*learner, &folds, fold, &options)?)
    };
    let mut results = engine.each(&jobs, run)?;
    let mut scores = Vec::new();
    for contender in contenders {
        let own = results.drain(..folds.len()).collect();
        scores.push(score(data, contender, split, &folds, own));
    }
    Ok(scores)
}

fn score(
    data: &Dataset,
    contender: &Contender,
    split: &Split,
    folds: &Folds,
    results: Vec<FoldResult>,
) -> LearnerScore {
    let evaluation = Evaluation::of(data, folds, results);
    let accuracies: Vec<f64> = evaluation.folds.iter().map(|fold| fold.accuracy).collect();
    let (accuracy, accuracy_std) = interval::mean_and_std(&accuracies);
    let k = data.classes.len();
    let n_folds = folds.len() as f64;
    // forward splits never test the first rows: they have no probabilities
    let tested: Vec<usize> = (0..data.n_rows()).filter(|&row| evaluation.predicted[row].is_some()).collect();
    let truth: Vec<u32> = tested.iter().map(|&row| data.y[row]).collect();
    let probabilities: Vec<f64> =
        tested.iter().flat_map(|&row| &evaluation.probabilities[row * k..(row + 1) * k]).copied().collect();
    LearnerScore {
        learner: contender.learner.name(),
        split: split.to_string(),
        n_rows: data.n_rows(),
        n_features: data.features.len(),
        classes: data.classes.clone(),
        accuracy,
        accuracy_std,
        balanced_accuracy: evaluation.confusion.balanced_accuracy(),
        auc: metric::macro_auc(&truth, &probabilities, k),
        confusion: (0..k).map(|t| (0..k).map(|p| evaluation.confusion.count(t, p)).collect()).collect(),
        n_training_rows: evaluation.folds.iter().map(|fold| fold.n_training_rows).max().unwrap_or(0),
        fit_s: evaluation.folds.iter().map(|fold| fold.fit_s).sum::<f64>() / n_folds,
        predict_s: evaluation.folds.iter().map(|fold| fold.predict_s).sum::<f64>() / n_folds,
    }
}

/// Fits one learner to every row of a table.
///
/// # Errors
/// [`Error::Learn`].
pub fn fit(data: &Dataset, learner: &Configured, scale: bool, seed: u64) -> Result<Box<dyn Model>, Error> {
    let rows: Vec<u32> = (0..data.n_rows() as u32).collect();
    let scaler = if scale { Scaler::fit(&data.x, &rows) } else { Scaler::identity(data.x.n_columns()) };
    let presort = Presort::new(&data.x);
    let n_classes = data.classes.len();
    let training =
        Training { x: &data.x, y: &data.y, n_classes, rows: &rows, scaler: &scaler, presort: &presort };
    Ok(learner.learner().fit(&training, seed)?)
}

/// What is known of the rows that a model is fitted on: their ranges, and of the captures in a column `capture` that was
/// read as text how many there are and whether campaigns beside them say that they were generated.
pub fn trained_on(table: &Table, data: &Dataset) -> TrainedOn {
    let Some(Column::Text { texts, .. }) = table.column(layout::CAPTURE) else { return TrainedOn::of(data) };
    let directories: BTreeSet<&Path> =
        texts.iter().flat_map(|capture| Path::new(capture).ancestors().skip(1).take(2)).collect();
    let of_campaigns = directories
        .into_iter()
        .map(|directory| if directory.as_os_str().is_empty() { Path::new(".") } else { directory })
        .filter_map(|directory| Campaign::open(directory).ok())
        .map(|campaign| campaign.manifest.generated.is_some());
    // a capture says by itself that it was generated, whatever became of its campaign
    let of_captures = texts.iter().filter_map(|capture| {
        let mut capture = CaptureReader::open(Path::new(capture)).ok()?;
        capture.next_frame().ok()?;
        capture.generated().map(|_| true)
    });
    let known: Vec<bool> = of_campaigns.chain(of_captures).collect();
    let generated = (!known.is_empty()).then(|| known.contains(&true));
    TrainedOn { n_captures: Some(texts.len() as u64), generated, ..TrainedOn::of(data) }
}
