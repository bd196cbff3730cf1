//! The only bridge between packets and learners: rounds of captures become windows ([`read`](round_windows)), windows
//! become a labelled table ([`join`]). What a reader notices on the way goes along as facts ([`facts`]).

mod cover;
mod fact;
mod fingerprint;
mod read;
mod table;

pub use cover::{Recogniser, recognisers};
pub use fact::{facts, of_capture};
pub use fingerprint::Fingerprint;
pub use read::{ObserverWindows, RoundWindows, Wanted, Windows, model_table, round_windows, windows};
pub use table::{Joined, RoundTable, join};

use crate::Error;
use crate::campaign::{Campaign, Round};
use crate::engine::Engine;
use overhear_change::defence::{Defended, Ledger, Rates, Setting};
use overhear_change::plant::{Plant, changes};
use overhear_synth as synth;
use overhear_traffic::change::{Change, Changes};
use overhear_traffic::packet::Device;
use overhear_traffic::trace::Span;
use std::path::PathBuf;

/// Where the packets of one round come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A capture file.
    Capture(PathBuf),
    /// The generator, without a file between.
    Generated(Box<(synth::Settings, synth::RoundPlan)>),
}

/// One round to be read.
#[derive(Debug, Clone)]
pub struct RoundSource {
    /// Where from.
    pub source: Source,
    /// Under which condition.
    pub condition: String,
    /// The unit it belongs to; without one it is a unit of its own.
    pub unit: Option<u32>,
    /// When the round began, ns since 1970; `None`: with the device's first packet.
    pub start_ns: Option<i64>,
    /// Seconds that local time was ahead of UTC.
    pub offset_s: i32,
    /// How long the round took from its beginning, s; `None`: to the capture's end.
    pub duration_s: Option<f64>,
    /// Settling time left out at its beginning, s.
    pub drop_s: f64,
    /// Its place among the rounds of its campaign, from 0.
    pub place: usize,
    /// Whether copies of packets in it are taken out.
    pub dedup: bool,
    /// SHA-256 of the capture.
    pub sha256: Option<String>,
    /// Leaks of known size that are planted into its packets while they are read.
    pub planted: Planted,
    /// Defences that its packets pass behind the plants, before anybody looks.
    pub defended: Option<Stack>,
}

/// A stack of defences for some rounds.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The defences, in the order in which packets meet them.
    pub settings: Vec<Setting>,
    /// The link behind them.
    pub rates: Rates,
    /// Seed of what they draw; rounds of one seed differ by their place.
    pub seed: u64,
    /// Where all rounds that are read leave their cost.
    pub ledger: Ledger,
}

impl RoundSource {
    /// What alters the round's packets before anybody looks; `None`: nothing does.
    pub(crate) fn change(&self, device: Device) -> Option<Changes> {
        if self.planted.plants.is_empty() && self.defended.is_none() {
            return None;
        }
        let Planted { plants, seed } = &self.planted;
        let round = self.place as u64;
        let mut list: Vec<Box<dyn Change>> = vec![Box::new(changes(plants, device, *seed, round))];
        if let Some(Stack { settings, rates, seed, ledger }) = &self.defended {
            let defended = Defended::new(settings, *rates, *seed, round).with_ledger(ledger);
            list.push(Box::new(defended));
        }
        Some(Changes::new(device, list))
    }
}

/// Leaks of known size for one round, and the seed of what they draw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Planted {
    /// What is planted, one after another.
    pub plants: Vec<Plant>,
    /// Seed; rounds of one seed differ by their place.
    pub seed: u64,
}

impl RoundSource {
    /// A whole capture.
    pub fn whole(path: PathBuf, condition: &str) -> RoundSource {
        RoundSource {
            source: Source::Capture(path),
            condition: condition.to_owned(),
            unit: None,
            start_ns: None,
            offset_s: 0,
            duration_s: None,
            drop_s: 0.0,
            place: 0,
            dedup: false,
            sha256: None,
            planted: Planted::default(),
            defended: None,
        }
    }

    /// A round of a campaign on disk, its capture's hash not looked at.
    pub fn of_campaign(campaign: &Campaign, round: &Round) -> RoundSource {
        RoundSource {
            unit: round.unit,
            start_ns: round.start_ns(),
            offset_s: round.offset_s(),
            duration_s: round.duration_s,
            drop_s: round.drop_s.unwrap_or(0.0),
            dedup: campaign.manifest.dedup,
            ..RoundSource::whole(campaign.capture_path(round), &round.condition)
        }
    }

    /// What tells its packets from another's, wherever it lies: a capture's contents, of what is generated its settings, and the part of
    /// it that is the round.
    pub fn identity(&self) -> String {
        let source = self.sha256.clone().unwrap_or_else(|| format!("{:?}", self.source));
        format!("{source} {:?} {} {}", self.span(), self.dedup, self.place)
    }

    /// The capture's path, or the generated round's name.
    pub fn name(&self) -> PathBuf {
        match &self.source {
            Source::Capture(path) => path.clone(),
            Source::Generated(round) => PathBuf::from(&round.1.name),
        }
    }

    /// The part of the capture that is the round. A duration without a start has no end on the clock.
    pub fn span(&self) -> Span {
        let end = |start: i64| Some(start.saturating_add(nanoseconds(self.duration_s?) as i64));
        Span {
            start_ns: self.start_ns,
            drop_ns: nanoseconds(self.drop_s),
            end_ns: self.start_ns.and_then(end),
        }
    }

    /// Seconds it was watched after settling; `None` where the manifest does not say when it began or how long it took.
    pub fn watched_s(&self) -> Option<f64> {
        self.start_ns?;
        self.duration_s.map(|duration_s| (duration_s - self.drop_s).max(0.0))
    }
}

fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

/// The rounds of a campaign on disk, but for those that its manifest says were lost, each capture's hash checked.
///
/// # Errors
/// [`Error::MissingCapture`] and [`Error::Altered`] name the round; [`Error::Stopped`].
pub fn rounds_of(campaign: &Campaign, engine: &Engine<'_>) -> Result<Vec<RoundSource>, Error> {
    let all = &campaign.manifest.rounds;
    let rounds: Vec<usize> = (0..all.len()).filter(|&index| all[index].lost.is_none()).collect();
    engine.stage("checking captures", rounds.len() as u64);
    engine.each(&rounds, |&index| {
        let sha256 = Some(campaign.check_round(index, engine)?);
        Ok(RoundSource {
            sha256,
            place: index,
            ..RoundSource::of_campaign(campaign, &campaign.manifest.rounds[index])
        })
    })
}

/// The rounds of a campaign to be generated while it is read.
///
/// # Errors
/// [`Error::Settings`].
pub fn rounds_generated(settings: &synth::Settings) -> Result<Vec<RoundSource>, Error> {
    let source = |plan: synth::RoundPlan| RoundSource {
        condition: plan.condition.name().to_owned(),
        unit: Some(plan.unit),
        start_ns: Some(plan.start_ns),
        offset_s: 0,
        duration_s: Some(plan.duration_s),
        drop_s: plan.drop_s as f64,
        place: plan.index,
        dedup: false,
        sha256: None,
        planted: Planted::default(),
        defended: None,
        source: Source::Generated(Box::new((settings.clone(), plan))),
    };
    Ok(synth::plan(settings)?.into_iter().map(source).collect())
}
