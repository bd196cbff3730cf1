//! `overhear evaluate`

use super::Common;
use crate::failure::{Failure, print, write_or_print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::engine::Engine;
use overhear::experiment::evaluate::{Confused, Contender, LearnerScore, Split, evaluate, fit, trained_on};
use overhear::setting::Named;
use overhear::table::{Labelled, Roles, Table, layout};
use overhear_learn::cross_validation::Options;
use overhear_learn::learner::{self, Configured, LEARNERS};
use overhear_learn::model_file::ModelFile;
use overhear_traffic::feature::FEATURES;
use overhear_traffic::observer::{Need, Observer};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Score learners on any table of numbers
///
/// Every column but the label, the unit and the dropped ones is a feature and must hold numbers. Columns that count rows or
/// hold times are left out, with a warning.
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
    /// Column that is a feature though it looks like a row number or a time
    #[arg(long, value_name = "COL", value_delimiter = ',', num_args = 1..)]
    keep: Vec<String>,
    /// Learner, perhaps with settings, as in knn:k=7; several with commas or by repeating [default: all, svm on at most
    /// 5,000 rows]
    #[arg(long = "learner", value_name = "NAME[:key=value,…]", num_args = 1.., value_parser = learners)]
    learners: Vec<Learners>,
    /// How to cut rows: k-fold:10, by-unit, forward or column:COL
    #[arg(long, default_value = "k-fold:10", value_name = "SPLIT")]
    split: Split,
    /// Put no scaler before the learners
    #[arg(long)]
    no_scale: bool,
    /// Fit the one learner named to every row and save it
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// With --save: who looked when the table's packets were recorded; `predict` then looks at a capture in the same way
    #[arg(long, value_name = "NAME", requires = "save")]
    observer: Option<Observer>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn help() -> String {
    let mut text = "Learners and their settings:\n".to_owned();
    for entry in LEARNERS {
        let _ = writeln!(text, "  {:18} {}", entry.name, entry.about);
        for setting in entry.settings {
            let assigned = format!("{}={}", setting.name, setting.default);
            let _ = writeln!(text, "      {assigned:18} {}: {}", setting.about, setting.range);
        }
    }
    text + "\nExamples:\n  overhear evaluate windows.csv --label condition --drop capture,windowing --learner knn\n  \
        overhear evaluate table.csv --label state --learner knn:k=7,svm:c=10,gamma=0.1,majority"
}

/// The learners of one option.
#[derive(Clone)]
pub struct Learners(pub Vec<Configured>);

/// Learners as they are typed: `knn:k=7,svm`.
pub fn learners(text: &str) -> Result<Learners, String> {
    let configured = |named: Named| Configured::new(&named.name, &named.values).map_err(|e| e.to_string());
    let list = Named::list(text).map_err(|e| e.to_string())?;
    list.into_iter().map(configured).collect::<Result<_, _>>().map(Learners)
}

impl Evaluate {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let learners: Vec<&Configured> = self.learners.iter().flat_map(|some| &some.0).collect();
        if self.save.is_some() && learners.len() != 1 {
            return Err(Failure::Usage("--save takes one model: name one --learner".to_owned()));
        }
        let fold = match &self.split {
            Split::Column(name) => Some(name.clone()),
            _ => None,
        };
        if matches!(self.split, Split::ByUnit(_)) && self.unit.is_none() {
            return Err(Failure::Usage("--split by-unit needs --unit COL".to_owned()));
        }
        let roles = Roles {
            label: self.label.clone(),
            unit: self.unit.clone(),
            fold,
            drop: self.drop.clone(),
            keep: self.keep.clone(),
        };
        let mut text = roles.text_columns();
        text.extend(["windowing", layout::CAPTURE]);
        let table = Table::read(&self.table, &text)?;
        let labelled = roles.assign(&table)?;
        for warning in &labelled.warnings {
            terminal.warn(&format!("{}: {warning}", table.name));
        }
        let observer = match &self.save {
            Some(_) => self.observer_of(&table, &labelled.data.features, terminal)?,
            None => None,
        };
        terminal.stop_on_interrupt();
        let start = Instant::now();
        let options = Options {
            seed: common.seed,
            scale: !self.no_scale,
            importances: false,
            clock: &|| start.elapsed(),
            max_training_rows: None,
        };
        let scores =
            evaluate(&labelled, &contenders(&learners), &self.split, &options, &Engine::new(terminal))?;
        terminal.clear();
        // before anything is printed: who reads the output may close it
        if let Some(path) = &self.save {
            let file = ModelFile {
                observer: observer.map(|observer| observer.name().to_owned()),
                ..self.model(learners[0], &table, &labelled, common.seed)?
            };
            write_or_print(&file.to_json(), Some(path))?;
        }
        if self.json {
            let document = serde_json::json!({ "schema": "overhear/evaluate/1", "learners": scores });
            print(&format!("{document:#}\n"))?;
        } else {
            print(&self.text(&labelled, &scores))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Who looked, for a model that is to be saved: as named, checked against what the table shows of it.
    fn observer_of(
        &self,
        table: &Table,
        features: &[String],
        terminal: &Terminal,
    ) -> Result<Option<Observer>, Failure> {
        let ours = layout::ID_COLUMNS.iter().all(|id| table.column(id).is_some());
        let of_headers = |name: &str| {
            FEATURES.iter().any(|feature| feature.name == name && feature.needs == Need::Headers)
        };
        let has_headers = table.columns.iter().any(|(name, _)| of_headers(name));
        match self.observer {
            Some(observer) if ours && observer.sees(Need::Headers) != has_headers => {
                let [seeing, others] = [true, false].map(|sees| Observer::names(|o| o.sees_headers == sees));
                let (what, who) = match has_headers {
                    true => (format!("features of packet headers, which only {seeing} see"), seeing),
                    false => (format!("no feature of packet headers, which {seeing} see"), others),
                };
                let name = &table.name;
                return Err(Failure::Usage(format!(
                    "--observer {observer}: {name} has {what}; name the observer it was measured with, one of {who}"
                )));
            }
            None if ours && !features.iter().any(|name| of_headers(name)) => {
                let whose = match has_headers {
                    true => String::new(),
                    false => format!(", so none of {} fits", Observer::names(|o| o.sees_headers)),
                };
                terminal.warn(&format!(
                    "the model uses nothing of packet headers{whose}; who looked is not saved, and predict will ask for \
                     it: name it with --observer"
                ));
            }
            _ => {}
        }
        Ok(self.observer)
    }

    /// One learner fitted to every row.
    fn model(
        &self,
        learner: &Configured,
        table: &Table,
        labelled: &Labelled,
        seed: u64,
    ) -> Result<ModelFile, Failure> {
        let data = &labelled.data;
        Ok(ModelFile {
            learner: learner.entry.name.to_owned(),
            features: data.features.clone(),
            classes: data.classes.clone(),
            windowing: table.only_text("windowing"),
            observer: None,
            settings: learner.settings(),
            trained_on: trained_on(table, data),
            model: fit(data, learner, !self.no_scale, seed)?,
        })
    }

    fn text(&self, labelled: &Labelled, scores: &[LearnerScore]) -> String {
        let data = &labelled.data;
        let mut out = String::new();
        let counts = data.class_counts();
        let classes: Vec<String> =
            data.classes.iter().zip(&counts).map(|(name, n)| format!("{} {n}", shown(name, 40))).collect();
        let (rows, features) = (data.n_rows(), data.features.len());
        let classes = match (counts.iter().min(), counts.iter().max()) {
            (Some(least), Some(most)) if counts.len() > MOST_SHOWN => {
                format!("{} classes of {least} to {most} rows", counts.len())
            }
            _ => format!("classes: {}", classes.join(", ")),
        };
        let _ = writeln!(out, "{rows} rows, {features} features, {classes}");
        let _ = writeln!(out, "{}, {}\n", self.split, self.note());
        let number = |value: Option<f64>| value.map_or("–".to_owned(), |v| format!("{v:.4}"));
        let head = ["learner", "accuracy", "± sd", "balanced", "AUC", "fit s", "predict s"];
        let [a, b, c, d, e, f, g] = head;
        let width = scores.iter().map(|score| score.learner.chars().count()).max().unwrap_or(0).max(18);
        let _ = writeln!(out, "{a:width$} {b:>9} {c:>7} {d:>9} {e:>7} {f:>9} {g:>9}");
        for score in scores {
            let _ = writeln!(
                out,
                "{:width$} {:>9.4} {:>7.4} {:>9} {:>7} {:>9.4} {:>9.4}",
                score.learner,
                score.accuracy,
                score.accuracy_std,
                number(score.balanced_accuracy),
                number(score.auc),
                score.fit_s,
                score.predict_s
            );
        }
        for limited in scores.iter().filter(|_| self.learners.is_empty()) {
            if learner::find(&limited.learner).is_ok_and(|entry| entry.max_training_rows.is_some()) {
                let (learner, rows) = (&limited.learner, limited.n_training_rows);
                let _ = writeln!(out, "\n{learner} was trained on at most {rows} rows a fold.");
            }
        }
        if let [only] = scores {
            out.push_str(&if only.classes.len() > MOST_SHOWN { confusions(only) } else { confusion(only) });
        }
        out
    }

    /// What a score by this split means.
    fn note(&self) -> String {
        let note = match (&self.split, &self.unit) {
            (Split::KFold(_), Some(unit)) => {
                return format!(
                    "random over rows: rows of one {unit} are both trained on and tested, so the score does not say how well it goes \
                     on another;\n--split by-unit leaves whole ones out"
                );
            }
            (Split::KFold(_), None) => "random over rows: optimistic where neighbouring rows are alike",
            (Split::ByUnit(_), _) => "whole units left out",
            (Split::Forward(_), _) => "trained on the past, tested on what follows",
            (Split::Column(_), _) => "folds as the column says",
        };
        note.to_owned()
    }
}

/// Every learner where none is named.
fn contenders(learners: &[&Configured]) -> Vec<Contender> {
    if learners.is_empty() {
        let all = LEARNERS
            .iter()
            .map(|entry| Contender { max_training_rows: entry.max_training_rows, learner: entry.into() });
        return all.collect();
    }
    learners.iter().map(|&learner| Contender { learner: learner.clone(), max_training_rows: None }).collect()
}

/// A matrix of more classes than this does not fit on a screen.
const MOST_SHOWN: usize = 12;
/// Columns of a matrix with names longer than this are numbered.
const LONGEST_HEAD: usize = 16;

/// A name on one line: at most so many letters.
fn shown(name: &str, longest: usize) -> String {
    let letter = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    match name.chars().count() > longest {
        true => name.chars().take(longest - 1).map(letter).chain(['…']).collect(),
        false => name.chars().map(letter).collect(),
    }
}

/// The whole matrix; long names stand before the rows only, with the number that heads their column.
fn confusion(score: &LearnerScore) -> String {
    let numbered = score.classes.iter().any(|name| name.chars().count() > LONGEST_HEAD);
    let named = |(place, name): (usize, &String)| match numbered {
        true => (format!("{} {}", place + 1, shown(name, 40)), (place + 1).to_string()),
        false => (shown(name, LONGEST_HEAD), shown(name, LONGEST_HEAD)),
    };
    let (names, heads): (Vec<String>, Vec<String>) = score.classes.iter().enumerate().map(named).unzip();
    let length = |text: &String| text.chars().count();
    let longest = names.iter().map(length).max().unwrap_or(0).max(9);
    let mut out = format!("\n{:longest$}  predicted\n{:longest$}", "true", "");
    for head in &heads {
        let _ = write!(out, "  {head:>9}");
    }
    out.push('\n');
    for (name, row) in names.iter().zip(&score.confusion) {
        let _ = write!(out, "{name:longest$}");
        for (count, head) in row.iter().zip(&heads) {
            let width = length(head).max(9);
            let _ = write!(out, "  {count:>width$}");
        }
        out.push('\n');
    }
    out
}

/// The ten most frequent confusions, where the matrix is too large.
fn confusions(score: &LearnerScore) -> String {
    let found = score.confusions();
    let mut out = format!(
        "\n{} classes: the most frequent confusions; --json has the whole matrix\n",
        score.classes.len()
    );
    if found.is_empty() {
        return out + "none: every row was predicted right\n";
    }
    let top: Vec<_> = found.iter().take(10).collect();
    let name = |class: usize| shown(&score.classes[class], 32);
    let names = |of: fn(&Confused) -> usize| {
        top.iter().map(|c| name(of(c)).chars().count()).max().unwrap_or(0).max(9)
    };
    let (a, b) = (names(|c| c.truth), names(|c| c.predicted));
    let _ = writeln!(out, "{:a$}  {:b$}  {:>9}  {:>7}", "true", "predicted", "rows", "share");
    for confused in top {
        let share = 100.0 * confused.rows as f64 / confused.of as f64;
        let (truth, predicted) = (name(confused.truth), name(confused.predicted));
        let _ = writeln!(out, "{truth:a$}  {predicted:b$}  {:>9}  {share:>5.1} %", confused.rows);
    }
    out
}
