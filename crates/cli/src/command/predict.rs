//! `overhear predict`

use super::warn_of;
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::assemble::model_table;
use overhear::table::Table;
use overhear::table::layout::START_NS;
use overhear_learn::Dataset;
use overhear_learn::model_file::ModelFile;
use overhear_traffic::observer::Observer;
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
    /// A capture, or a table with the model's features (.csv, .parquet)
    input: PathBuf,
    /// In a capture: only this device's packets [default: all packets]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// In a capture: who looks [default: as the model was saved, else gateway]
    #[arg(long, value_name = "NAME")]
    observer: Option<Observer>,
    /// In a capture: how to group packets [default: as the model was saved]
    #[arg(short = 'W', long, value_name = "WINDOWING")]
    windowing: Option<Windowing>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Predict {
    pub fn run(&self, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let text = std::fs::read_to_string(&self.model).map_err(overhear::Error::io(&self.model))?;
        let named = |e| Failure::Message(format!("{}: {e}", self.model.display()));
        let model = ModelFile::from_json(&text).map_err(named)?;
        let data = if is_table(&self.input) { self.table(&model)? } else { self.capture(&model, terminal)? };
        let rows: Vec<u32> = (0..data.n_rows() as u32).collect();
        let in_input = |e| Failure::Message(format!("{}: {e}", self.input.display()));
        let (classes, probabilities) = model.classify(&data, &rows).map_err(in_input)?;
        let rows = classes.into_iter().zip(probabilities.chunks_exact(model.classes.len()));
        print(&if self.json { json(&model, &data, rows) } else { csv(&model, &data, rows) })?;
        Ok(ExitCode::SUCCESS)
    }

    fn table(&self, model: &ModelFile) -> Result<Dataset, Failure> {
        let table = Table::read(&self.input, &[START_NS])?;
        let columns: Vec<String> = table.columns.iter().map(|(name, _)| name.clone()).collect();
        model.columns_of(&columns).map_err(|e| Failure::Message(format!("{}: {e}", table.name)))?;
        Ok(table.numbers(&model.features)?)
    }

    fn capture(&self, model: &ModelFile, terminal: &Terminal) -> Result<Dataset, Failure> {
        let saved = |text: &Option<String>| text.clone().unwrap_or_default();
        let windowing = self.windowing.or_else(|| saved(&model.windowing).parse().ok());
        let Some(windowing) = windowing else {
            return Err(Failure::Usage(
                "the model does not say how packets were grouped: add -W t=15 or the like".to_owned(),
            ));
        };
        if let (Some(ours), Some(its)) = (self.windowing, &model.windowing)
            && ours.to_string() != *its
        {
            terminal
                .warn(&format!("the model was fitted on windows of {its}, not {ours}: it may tell nothing"));
        }
        let observer =
            self.observer.or_else(|| saved(&model.observer).parse().ok()).unwrap_or(Observer::Gateway);
        let selection = Selection { device: self.device.unwrap_or(Device::Any), observer };
        let (data, summary) = model_table(&self.input, selection, windowing)?;
        warn_of(&summary, &self.input.display().to_string(), terminal);
        Ok(data)
    }
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

fn json<'a>(model: &ModelFile, data: &Dataset, rows: impl Iterator<Item = (u32, &'a [f64])>) -> String {
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
        "learner": model.learner,
        "classes": model.classes,
        "rows": rows,
    });
    format!("{document:#}\n")
}
