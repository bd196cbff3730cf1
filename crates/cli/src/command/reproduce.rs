//! `overhear reproduce`

use super::Common;
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::campaign::Campaign;
use overhear::engine::Engine;
use overhear::experiment::reproduce::{self, Input};
use overhear::report::caveats;
use overhear::report::claims::claims;
use overhear::{assemble, generate, report};
use overhear_synth as synth;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Run the paper's protocol: Figures 4 to 9, Tables 1 and 2
///
/// On a generated campaign (nothing is needed for it) or on yours. The paper's protocol is optimistic: it
/// cannot tell the microphone from the day. Its accuracies are no verdict about a device.
#[derive(Args)]
pub struct Reproduce {
    /// Directory of a campaign [default: generated while it is read, scenario paper]
    campaign: Option<PathBuf>,
    /// Take out packets that a capture holds more than once
    #[arg(long, requires = "campaign")]
    dedup: bool,
    /// A quick look: 5 folds, t and n = 15, 50, 200, 500
    #[arg(long)]
    quick: bool,
    /// Print report.json as well
    #[arg(long)]
    json: bool,
    /// Directory of the report
    #[arg(short, long, default_value = "overhear-report", value_name = "DIR")]
    output: PathBuf,
}

impl Reproduce {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        terminal.stop_on_interrupt();
        let settings = match self.quick {
            true => reproduce::Settings::quick(common.seed),
            false => reproduce::Settings::paper(common.seed),
        };
        let input = self.input(common, terminal)?;
        let start = Instant::now();
        let result = reproduce::run(&input, &settings, &|| start.elapsed(), &Engine::new(terminal))?;
        for line in caveats::lines(&result.caveats) {
            terminal.warn(&line);
        }
        report::write(&result, &self.output)?;
        terminal.clear();
        if self.json {
            let document = report::json::document(&result, &claims(&result))?;
            print(&String::from_utf8_lossy(&document))?;
        } else {
            let seconds = start.elapsed().as_secs();
            let mut text = report::summary(&result, terminal.look());
            text.push_str(&format!(
                "report: {}, written in {} min {} s\n",
                self.output.join("report.html").display(),
                seconds / 60,
                seconds % 60
            ));
            print(&text)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn input(&self, common: &Common, terminal: &Terminal) -> Result<Input, Failure> {
        let Some(path) = &self.campaign else {
            let settings = synth::Settings { seed: common.seed, ..synth::Settings::default() };
            let rounds = assemble::rounds_generated(&settings)?;
            let mut conditions: Vec<String> = rounds.iter().map(|round| round.condition.clone()).collect();
            conditions.dedup();
            return Ok(Input {
                name: generate::DEVICE_NAME.to_owned(),
                device: generate::device(),
                rounds,
                conditions,
                lost: Vec::new(),
                generated: Some(generate::knobs(&settings).in_words()),
            });
        };
        let campaign = Campaign::open(path)?;
        let mut rounds = assemble::rounds_of(&campaign, &Engine::new(terminal))?;
        rounds.iter_mut().for_each(|round| round.dedup |= self.dedup);
        let mut conditions = campaign.conditions();
        conditions.retain(|condition| rounds.iter().any(|round| round.condition == *condition));
        Ok(Input {
            name: campaign.name(),
            device: campaign.device(),
            rounds,
            conditions,
            lost: campaign.lost(),
            generated: campaign.manifest.generated.as_ref().map(|knobs| knobs.in_words()),
        })
    }
}
