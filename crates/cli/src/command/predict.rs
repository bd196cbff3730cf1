//! `overhear predict`

use super::{Common, noticed};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::assemble::{RoundSource, model_table};
use overhear::campaign::looks_like_a_capture;
use overhear::events::{EVENT, TRACE};
use overhear::table::Table;
use overhear::table::layout::START_NS;
use overhear::table::packets::is_packet_table;
use overhear_learn::Dataset;
use overhear_learn::model_file::ModelFile;
use overhear_traffic::feature::{FEATURES, FeatureSet};
use overhear_traffic::observer::{Need, Observer};
use overhear_traffic::packet::Device;
use overhear_traffic::trace::Selection;
use overhear_traffic::window::Windowing;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Apply a saved model to a capture or a table
#[derive(Args)]
#[command(
    after_help = "Prints one line of CSV for each row or window: the likeliest class and the probability of each."
)]
pub struct Predict {
    /// What `overhear evaluate --save` wrote
    model: PathBuf,
    /// A capture (also a packet table), or a table with the model's features (.csv, .parquet)
    input: PathBuf,
    /// In a capture: only this device's packets [default: all packets]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// In a capture: who looks [default: as the model was saved, else gateway where the model uses packet headers]
    #[arg(long, value_name = "NAME")]
    observer: Option<Observer>,
    /// In a capture: how to group packets [default: as the model was saved]
    #[arg(short = 'W', long, value_name = "WINDOWING")]
    windowing: Option<Windowing>,
    /// In a capture: take out packets that it holds more than once
    #[arg(long)]
    dedup: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Warnings, shown at once and kept for JSON.
struct Warnings<'a> {
    terminal: &'a Terminal,
    said: Vec<String>,
}

impl Warnings<'_> {
    fn warn(&mut self, message: String) {
        self.terminal.warn(&message);
        self.said.push(message);
    }
}

impl Predict {
    pub fn run(&self, _: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        if looks_like_a_capture(&self.model) {
            let model = self.model.display();
            return Err(Failure::Usage(format!(
                "{model} is a capture; the model comes first: overhear predict MODEL {model}"
            )));
        }
        let text = std::fs::read_to_string(&self.model).map_err(overhear::Error::io(&self.model))?;
        let named = |e| Failure::Message(format!("{}: {e}", self.model.display()));
        let model = ModelFile::from_json(&text).map_err(named)?;
        let mut warnings = Warnings { terminal, said: Vec::new() };
        let data = match is_table(&self.input) && !is_packet_table(&self.input) {
            true => self.table(&model, &mut warnings)?,
            false => self.capture(&model, &mut warnings)?,
        };
        let rows: Vec<u32> = (0..data.n_rows() as u32).collect();
        let in_input = |e| Failure::Message(format!("{}: {e}", self.input.display()));
        let (classes, probabilities) = model.classify(&data, &rows).map_err(in_input)?;
        if model.trained_on.generated == Some(true) {
            warnings.warn(
                "the model was fitted on generated traffic: nothing shows that it fits real traffic"
                    .to_owned(),
            );
        }
        if let Some(warning) = unlike_training(&model, &data).map_err(in_input)? {
            warnings.warn(warning);
        }
        let rows = classes.into_iter().zip(probabilities.chunks_exact(model.classes.len()));
        print(&if self.json { json(&model, &data, &warnings.said, rows) } else { csv(&model, &data, rows) })?;
        Ok(ExitCode::SUCCESS)
    }

    fn table(&self, model: &ModelFile, warnings: &mut Warnings<'_>) -> Result<Dataset, Failure> {
        let table = Table::read(&self.input, &[START_NS, "windowing"])?;
        let columns: Vec<String> = table.columns.iter().map(|(name, _)| name.clone()).collect();
        model.columns_of(&columns).map_err(|e| Failure::Message(format!("{}: {e}", table.name)))?;
        let (data, notes) = table.numbers(&model.features)?;
        for note in notes {
            warnings.warn(format!("{}: {note}", table.name));
        }
        if let (Some(its), Some(fitted)) = (table.only_text("windowing"), &model.windowing)
            && its != *fitted
        {
            warnings.warn(other_windowing(fitted, &its));
        }
        Ok(data)
    }

    fn capture(&self, model: &ModelFile, warnings: &mut Warnings<'_>) -> Result<Dataset, Failure> {
        let saved = |text: &Option<String>| text.clone().unwrap_or_default();
        let windowing = self.windowing.or_else(|| saved(&model.windowing).parse().ok());
        if windowing.is_none() && matches!(saved(&model.windowing).as_str(), EVENT | TRACE) {
            let (name, model) = (self.input.display(), self.model.display());
            return Err(Failure::Usage(format!(
                "the model was fitted on events: cut the capture first, overhear events {name} -o events.csv, then overhear predict {model} \
                 events.csv"
            )));
        }
        let Some(windowing) = windowing else {
            return Err(Failure::Usage(
                "the model does not say how packets were grouped: add -W t=15 or the like".to_owned(),
            ));
        };
        if let (Some(ours), Some(its)) = (self.windowing, &model.windowing)
            && ours.to_string() != *its
        {
            warnings.warn(other_windowing(its, &ours.to_string()));
        }
        let observer = self.observer(model, warnings)?;
        let selection = Selection { device: self.device.unwrap_or(Device::Any), observer };
        let capture = RoundSource { dedup: self.dedup, ..RoundSource::whole(self.input.clone(), "") };
        let features = FeatureSet::holding(&model.features);
        let (data, summary) = model_table(&capture, selection, windowing, features)?;
        let name = self.input.display().to_string();
        noticed(&summary, &name, selection.device).into_iter().for_each(|line| warnings.warn(line));
        Ok(data)
    }

    /// Who looks: as named, as saved, or the one that a model of packet headers is taken to be for.
    fn observer(&self, model: &ModelFile, warnings: &mut Warnings<'_>) -> Result<Observer, Failure> {
        let saved: Option<Observer> = model.observer.as_ref().and_then(|name| name.parse().ok());
        if let (Some(ours), Some(its)) = (self.observer, saved)
            && ours != its
        {
            warnings.warn(format!(
                "the model was fitted on what {its} sees, not {ours}: its predictions may be worthless"
            ));
        }
        if let Some(observer) = self.observer.or(saved) {
            return Ok(observer);
        }
        let sees_no_headers = |name: &String| {
            FEATURES.iter().any(|feature| feature.name == name && feature.needs == Need::TimeAndLength)
        };
        if model.features.iter().all(sees_no_headers) {
            return Err(Failure::Usage(format!(
                "the model does not say who looked, and its features of time and length mean another thing to each: add \
                 --observer with the name of the one it was fitted on ({})",
                Observer::names(|_| true)
            )));
        }
        warnings.warn(
            "the model does not say who looked: gateway is assumed; --observer names another".to_owned(),
        );
        Ok(Observer::Gateway)
    }
}

fn other_windowing(fitted: &str, found: &str) -> String {
    format!("the model was fitted on windows of {fitted}, not {found}: its predictions may be worthless")
}

/// More of the rows than this outside the training rows' range are worth a warning.
const MANY: f64 = 0.2;

/// A warning where many rows lie outside what the model was fitted on.
fn unlike_training(model: &ModelFile, data: &Dataset) -> Result<Option<String>, overhear_learn::Error> {
    let Some(outside) = model.outside(data)? else { return Ok(None) };
    let n = data.n_rows();
    let percent = |rows: usize| 100.0 * rows as f64 / n as f64;
    if n == 0 || percent(outside.rows) <= 100.0 * MANY {
        return Ok(None);
    }
    let features: Vec<String> = outside
        .features
        .iter()
        .take(3)
        .map(|(name, rows)| format!("{name} {:.0} %", percent(*rows)))
        .collect();
    Ok(Some(format!(
        "{} of {n} rows ({:.0} %) lie outside the range of the rows the model was fitted on, most often in {}: the traffic may \
         be of another device or network, and the predictions are worth little",
        outside.rows,
        percent(outside.rows),
        features.join(", ")
    )))
}

/// Whether a file is a table, by its name's ending; anything else is a capture.
fn is_table(path: &Path) -> bool {
    let endings = ["csv", "parquet"];
    path.extension().is_some_and(|e| endings.iter().any(|ending| e.eq_ignore_ascii_case(ending)))
}

fn csv<'a>(model: &ModelFile, data: &Dataset, rows: impl Iterator<Item = (u32, &'a [f64])>) -> String {
    let quoted = |cell: &str| match cell.contains([',', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    };
    let mut out = "row,start_ns,predicted".to_owned();
    for class in &model.classes {
        let _ = write!(out, ",{}", quoted(&format!("p_{class}")));
    }
    out.push('\n');
    for (row, (class, probabilities)) in rows.enumerate() {
        let start = data.starts_ns.as_ref().map(|s| s[row].to_string()).unwrap_or_default();
        let class = &model.classes[class as usize];
        let _ = write!(out, "{row},{start},{}", quoted(class));
        for p in probabilities {
            let _ = write!(out, ",{p}");
        }
        out.push('\n');
    }
    out
}

fn json<'a>(
    model: &ModelFile,
    data: &Dataset,
    warnings: &[String],
    rows: impl Iterator<Item = (u32, &'a [f64])>,
) -> String {
    let row = |(row, (class, probabilities)): (usize, (u32, &[f64]))| {
        serde_json::json!({
            "row": row,
            "start_ns": data.starts_ns.as_ref().map(|s| s[row]),
            "predicted": model.classes[class as usize],
            "probabilities": probabilities,
        })
    };
    let rows: Vec<_> = rows.enumerate().map(row).collect();
    let document = serde_json::json!({
        "schema": "overhear/predict/1",
        "learner": model.configured(),
        "warnings": warnings,
        "classes": model.classes,
        "rows": rows,
    });
    format!("{document:#}\n")
}
