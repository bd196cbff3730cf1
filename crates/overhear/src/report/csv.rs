//! The report's tables as CSV; an undefined value is an empty cell, a float reads back to the same bits.

use crate::Error;
use crate::experiment::paper::{PaperResult, Quantity};

/// `task, windowing, learner, split, n_windows, accuracy, accuracy_std, balanced_accuracy, auc`.
///
/// # Errors
/// Where the table cannot be written.
pub fn accuracy(result: &PaperResult) -> Result<Vec<u8>, Error> {
    let head = [
        "task",
        "windowing",
        "learner",
        "split",
        "n_windows",
        "accuracy",
        "accuracy_std",
        "balanced_accuracy",
        "auc",
    ];
    let split = format!("k-fold:{}", result.scope.folds);
    let rows = result.cells.iter().map(|c| {
        let s = c.score.as_ref();
        vec![
            c.task.clone(),
            c.windowing.clone(),
            c.learner.clone(),
            split.clone(),
            c.n_windows.to_string(),
            float(s.map(|s| s.accuracy)),
            float(s.map(|s| s.accuracy_std)),
            float(s.map(|s| s.balanced_accuracy)),
            float(s.and_then(|s| s.auc)),
        ]
    });
    table("accuracy.csv", &head, rows)
}

/// `task, windowing, learner, fit_s, predict_s`: mean wall seconds of a fold.
///
/// # Errors
/// Where the table cannot be written.
pub fn training_time(result: &PaperResult) -> Result<Vec<u8>, Error> {
    let rows = result.cells.iter().map(|c| {
        let s = c.score.as_ref();
        let times = [float(s.map(|s| s.fit_s)), float(s.map(|s| s.predict_s))];
        [c.task.clone(), c.windowing.clone(), c.learner.clone()].into_iter().chain(times).collect()
    });
    table("training_time.csv", &["task", "windowing", "learner", "fit_s", "predict_s"], rows)
}

/// `task, windowing, learner, feature, kind, value`; the kind is `gini` or `permutation`.
///
/// # Errors
/// Where the table cannot be written.
pub fn importance(result: &PaperResult) -> Result<Vec<u8>, Error> {
    let rows = result.importances.iter().flat_map(|i| {
        [("gini", i.gini), ("permutation", Some(i.permutation))].map(|(kind, value)| {
            let names = [&i.task, &i.windowing, &i.learner, &i.feature].map(Clone::clone);
            names.into_iter().chain([kind.to_owned(), float(value)]).collect()
        })
    });
    table("importance.csv", &["task", "windowing", "learner", "feature", "kind", "value"], rows)
}

/// `condition, a, b, r`: every ordered pair, the diagonal as well.
///
/// # Errors
/// Where the table cannot be written.
pub fn correlation(result: &PaperResult) -> Result<Vec<u8>, Error> {
    let mut rows = Vec::new();
    for matrix in &result.correlations {
        for (a, row) in Quantity::ALL.iter().zip(&matrix.r) {
            for (b, r) in Quantity::ALL.iter().zip(row) {
                rows.push(vec![
                    matrix.condition.clone(),
                    name(*a).to_owned(),
                    name(*b).to_owned(),
                    float(*r),
                ]);
            }
        }
    }
    table("correlation.csv", &["condition", "a", "b", "r"], rows.into_iter())
}

/// The quantity's name in files, the same as in `report.json`.
fn name(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Length => "length",
        Quantity::TcpWindow => "tcp_window",
        Quantity::Ipt => "ipt",
        Quantity::Ttl => "ttl",
    }
}

/// An empty cell for what is undefined or not finite.
pub(super) fn float(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map_or_else(String::new, |x| x.to_string())
}

/// Rows under their head.
pub(super) fn table(
    file: &'static str,
    head: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Csv { file, source };
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(head).map_err(failed)?;
    for row in rows {
        writer.write_record(&row).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| failed(e.into_error().into()))
}
