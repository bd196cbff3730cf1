//! `overhear evaluate`

use super::Common;
use crate::failure::{Failure, print, write_or_print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::experiment::evaluate::{Contender, LearnerScore, Split, evaluate, fit};
use overhear::experiment::reproduce::SVM_ROWS;
use overhear::table::{Labelled, Roles, Table};
use overhear_learn::cross_validation::Options;
use overhear_learn::learner::{self, LEARNERS, LearnerEntry};
use overhear_learn::model_file::ModelFile;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Score learners on any table of numbers
///
/// Every column but the label, the unit and the dropped ones is a feature and must hold numbers.
#[derive(Args)]
#[command(after_help = help())]
pub struct Evaluate {
    /// CSV (or by the ending .parquet Parquet) with a header line; - is CSV on standard input
    table: PathBuf,
    /// Column that holds the class of each row
    #[arg(long, value_name = "COL")]
    label: String,
    /// Column that holds the unit of each row: rows of a unit are never split by `by-unit`
    #[arg(long, value_name = "COL")]
    unit: Option<String>,
    /// Column to leave out; several with commas or by repeating
    #[arg(long, value_name = "COL", value_delimiter = ',', num_args = 1..)]
    drop: Vec<String>,
    /// Learner; several with commas or by repeating [default: all, svm on at most 5,000 rows]
    #[arg(long = "learner", value_name = "NAME", value_delimiter = ',', num_args = 1.., value_parser = entry)]
    learners: Vec<&'static LearnerEntry>,
    /// How to cut rows: k-fold:10, by-unit, forward or column:COL
    #[arg(long, default_value = "k-fold:10", value_name = "SPLIT")]
    split: Split,
    /// Put no scaler before the learners
    #[arg(long)]
    no_scale: bool,
    /// Fit the one learner named to every row and save it
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn help() -> String {
    let mut text = "Learners:\n".to_owned();
    for entry in LEARNERS {
        let _ = writeln!(text, "  {:18} {}", entry.name, entry.about);
    }
    text + "\nExample: overhear evaluate windows.csv --label condition --drop capture,windowing --learner knn"
}

fn entry(name: &str) -> Result<&'static LearnerEntry, String> {
    learner::find(name).map_err(|e| e.to_string())
}

impl Evaluate {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        if self.save.is_some() && self.learners.len() != 1 {
            return Err(Failure::Usage("--save takes one model: name one --learner".to_owned()));
        }
        let fold = match &self.split {
            Split::Column(name) => Some(name.clone()),
            _ => None,
        };
        if matches!(self.split, Split::ByUnit(_)) && self.unit.is_none() {
            return Err(Failure::Usage("--split by-unit needs --unit COL".to_owned()));
        }
        let roles =
            Roles { label: self.label.clone(), unit: self.unit.clone(), fold, drop: self.drop.clone() };
        let mut text = roles.text_columns();
        text.push("windowing");
        let table = Table::read(&self.table, &text)?;
        let labelled = roles.assign(&table)?;
        for warning in &labelled.warnings {
            terminal.warn(&format!("{}: {warning}", table.name));
        }
        terminal.stop_on_interrupt();
        let start = Instant::now();
        let options = Options {
            seed: common.seed,
            scale: !self.no_scale,
            importances: false,
            clock: &|| start.elapsed(),
            max_training_rows: None,
        };
        let scores = evaluate(&labelled, &self.contenders(), &self.split, &options, terminal)?;
        terminal.clear();
        // before anything is printed: who reads the output may close it
        if let Some(path) = &self.save {
            self.save(path, &table, &labelled, common.seed)?;
        }
        if self.json {
            let document = serde_json::json!({ "schema": "overhear/evaluate/1", "learners": scores });
            print(&format!("{document:#}\n"))?;
        } else {
            print(&self.text(&labelled, &scores))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn contenders(&self) -> Vec<Contender> {
        if self.learners.is_empty() {
            let rows = |entry: &LearnerEntry| (entry.name == "svm").then_some(SVM_ROWS);
            return LEARNERS
                .iter()
                .map(|entry| Contender { entry, max_training_rows: rows(entry) })
                .collect();
        }
        self.learners.iter().map(|&entry| Contender { entry, max_training_rows: None }).collect()
    }

    fn save(&self, path: &Path, table: &Table, labelled: &Labelled, seed: u64) -> Result<(), Failure> {
        let entry = self.learners[0];
        let data = &labelled.data;
        let file = ModelFile {
            learner: entry.name.to_owned(),
            features: data.features.clone(),
            classes: data.classes.clone(),
            windowing: table.only_text("windowing"),
            observer: None,
            model: fit(data, entry, !self.no_scale, seed)?,
        };
        write_or_print(&file.to_json(), Some(path))
    }

    fn text(&self, labelled: &Labelled, scores: &[LearnerScore]) -> String {
        let data = &labelled.data;
        let mut out = String::new();
        let counts = data.class_counts();
        let classes: Vec<String> =
            data.classes.iter().zip(&counts).map(|(name, n)| format!("{name} {n}")).collect();
        let (rows, features) = (data.n_rows(), data.features.len());
        let _ = writeln!(out, "{rows} rows, {features} features, classes: {}", classes.join(", "));
        let _ = writeln!(out, "{}, {}\n", self.split, self.note());
        let number = |value: Option<f64>| value.map_or("–".to_owned(), |v| format!("{v:.4}"));
        let head = ["learner", "accuracy", "± sd", "balanced", "AUC", "fit s", "predict s"];
        let [a, b, c, d, e, f, g] = head;
        let _ = writeln!(out, "{a:18} {b:>9} {c:>7} {d:>9} {e:>7} {f:>9} {g:>9}");
        for score in scores {
            let _ = writeln!(
                out,
                "{:18} {:>9.4} {:>7.4} {:>9} {:>7} {:>9.4} {:>9.4}",
                score.learner,
                score.accuracy,
                score.accuracy_std,
                number(score.balanced_accuracy),
                number(score.auc),
                score.fit_s,
                score.predict_s
            );
        }
        if let Some(svm) = scores.iter().find(|s| s.learner == "svm" && self.learners.is_empty()) {
            let _ = writeln!(out, "\nsvm was trained on at most {} rows a fold.", svm.n_training_rows);
        }
        if let [only] = scores {
            out.push_str(&confusion(only));
        }
        out
    }

    fn note(&self) -> &'static str {
        match self.split {
            Split::KFold(_) => "random over rows: optimistic where neighbouring rows are alike",
            Split::ByUnit(_) => "whole units left out",
            Split::Forward(_) => "trained on the past, tested on what follows",
            Split::Column(_) => "folds as the column says",
        }
    }
}

fn confusion(score: &LearnerScore) -> String {
    let longest = score.classes.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(9, 24);
    let mut out = format!("\n{:longest$}  predicted\n{:longest$}", "true", "");
    for name in &score.classes {
        let _ = write!(out, "  {name:>9}");
    }
    out.push('\n');
    for (name, row) in score.classes.iter().zip(&score.confusion) {
        let _ = write!(out, "{name:longest$}");
        for (count, column) in row.iter().zip(&score.classes) {
            let width = column.chars().count().max(9);
            let _ = write!(out, "  {count:>width$}");
        }
        out.push('\n');
    }
    out
}
