//! `overhear inspect`

use super::Common;
use crate::failure::{Failure, print, write_or_print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::report::inspect::{page, text::table};
use overhear::table::is_parquet;
use overhear_inspect::{self as inspect, Report};
use overhear_traffic::Error;
use overhear_traffic::capture::CaptureReader;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// List the devices in a capture: which are smart speakers, whom they talk to, and why
#[derive(Args)]
#[command(after_help = "A damaged capture is reported as far as it can be read; the exit code is then 1.")]
pub struct Inspect {
    /// Captures; - is standard input
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a page: devices, far ends, bytes over time
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
}

impl Inspect {
    pub fn run(&self, _: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let mut code = ExitCode::SUCCESS;
        let mut reports = Vec::new();
        if self.html.is_some() && self.captures.len() > 1 {
            return Err(Failure::Usage("--html writes the page of one capture".to_owned()));
        }
        for path in &self.captures {
            let (report, error) = read(path)?;
            if !self.json {
                if self.captures.len() > 1 {
                    print(&format!("{}\n", path.display()))?;
                }
                print(&table(&report, &path.display().to_string(), terminal.look().width))?;
            }
            if let Some(file) = &self.html {
                let name = path.display().to_string();
                write_or_print(&page(&report, &name)?, Some(file))?;
            }
            if let Some(offset) = report.cut_off_at {
                let name = path.display();
                let frames = report.frames;
                let what =
                    format!("{name}, byte {offset}: the file ends in mid-packet; {frames} packets count");
                terminal.warn(&what);
            }
            if let Some(error) = error {
                terminal.error(&error.to_string());
                code = ExitCode::FAILURE;
            }
            reports.push(report);
        }
        if self.json {
            print(&self.json(&reports)?)?;
        }
        Ok(code)
    }

    /// One capture's report, or the reports of several with the frames of all.
    fn json(&self, reports: &[Report]) -> Result<String, Failure> {
        let named = self.captures.iter().zip(reports);
        let mut captures: Vec<Named<'_>> =
            named.map(|(path, report)| Named { capture: path.display().to_string(), report }).collect();
        let schema = "overhear/inspect/1";
        let text = match captures.len() {
            1 => serde_json::to_string_pretty(&One { schema, named: captures.remove(0) }),
            _ => {
                let frames = reports.iter().map(|report| report.frames).sum();
                serde_json::to_string_pretty(&Several { schema, frames, captures })
            }
        };
        Ok(text.map_err(|e| Failure::Message(e.to_string()))? + "\n")
    }
}

/// A capture's report with its name.
#[derive(Serialize)]
struct Named<'a> {
    capture: String,
    #[serde(flatten)]
    report: &'a Report,
}

#[derive(Serialize)]
struct One<'a> {
    schema: &'static str,
    #[serde(flatten)]
    named: Named<'a>,
}

#[derive(Serialize)]
struct Several<'a> {
    schema: &'static str,
    frames: u64,
    captures: Vec<Named<'a>>,
}

/// Reads a capture as far as it goes. One that is damaged in its first bytes holds no frame.
fn read(path: &Path) -> Result<(Report, Option<Error>), Failure> {
    let is_table = |capture: &CaptureReader| capture.is_packet_table();
    let opened = CaptureReader::open(path);
    if is_parquet(path) || opened.as_ref().is_ok_and(is_table) {
        let name = path.display();
        return Err(Failure::Message(format!(
            "{name} is a packet table: it is of one device, and has no addresses to know it by; `overhear features {name} -W t=15` and \
             `overhear events {name}` show what is in it"
        )));
    }
    match opened {
        Ok(mut capture) => Ok(inspect::read(&mut capture)),
        Err(error @ Error::Damaged { .. }) => Ok((Report::default(), Some(error))),
        Err(error) => Err(error.into()),
    }
}
