//! The only bridge between packets and learners: rounds of captures become windows, windows become a
//! labelled table.

use crate::Error;
use crate::campaign::Campaign;
use crate::packet_stats::PacketStats;
use crate::progress::Progress;
use overhear_learn::{Dataset, Matrix};
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::feature::{Columns, FEATURES, learned};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::synth;
use overhear_traffic::trace::{self, Seen, Selection, Span, Summary, View};
use overhear_traffic::window::{Pass, Windowing};
use rayon::prelude::*;
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
    /// Settling time left out at its beginning, s.
    pub drop_s: f64,
    /// SHA-256 of the capture.
    pub sha256: Option<String>,
}

impl RoundSource {
    /// The capture's path, or the generated round's name.
    pub fn name(&self) -> PathBuf {
        match &self.source {
            Source::Capture(path) => path.clone(),
            Source::Generated(round) => PathBuf::from(&round.1.name),
        }
    }
}

/// The rounds of a campaign on disk, each capture's hash checked.
///
/// # Errors
/// [`Error::MissingCapture`] and [`Error::Altered`] name the round; [`Error::Stopped`].
pub fn rounds_of(campaign: &Campaign, progress: &dyn Progress) -> Result<Vec<RoundSource>, Error> {
    let rounds = &campaign.manifest.rounds;
    progress.begin("checking captures", rounds.len() as u64);
    let check = |index: usize| {
        if progress.stop_requested() {
            return Err(Error::Stopped);
        }
        let round = &rounds[index];
        let sha256 = Some(campaign.check_round(index)?);
        progress.advance(1);
        Ok(RoundSource {
            source: Source::Capture(campaign.capture_path(round)),
            condition: round.condition.clone(),
            unit: round.unit,
            start_ns: round.start_ns(),
            drop_s: round.drop_s.unwrap_or(0.0),
            sha256,
        })
    };
    (0..rounds.len()).into_par_iter().map(check).collect()
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
        drop_s: plan.drop_s as f64,
        sha256: None,
        source: Source::Generated(Box::new((settings.clone(), plan))),
    };
    Ok(synth::plan(settings)?.into_iter().map(source).collect())
}

/// The windows of one round.
#[derive(Debug, Clone)]
pub struct RoundWindows {
    /// Under which condition.
    pub condition: String,
    /// The unit it belongs to.
    pub unit: Option<u32>,
    /// One entry per windowing, in the order asked for.
    pub columns: Vec<Columns>,
    /// Means and correlations over packets.
    pub stats: PacketStats,
    /// What the capture held.
    pub summary: Summary,
}

/// The windows of all rounds.
#[derive(Debug, Clone)]
pub struct Windows {
    /// Windowings, as asked for.
    pub windowings: Vec<Windowing>,
    /// Who looked.
    pub observer: Observer,
    /// Rounds, in the order given.
    pub rounds: Vec<RoundWindows>,
}

/// Reads all rounds, in parallel; windows never cross a round.
///
/// # Errors
/// [`Error::Traffic`] for a damaged capture, [`Error::NoPackets`] naming the round, [`Error::Stopped`].
pub fn windows(
    rounds: &[RoundSource],
    selection: Selection,
    windowings: &[Windowing],
    progress: &dyn Progress,
) -> Result<Windows, Error> {
    progress.begin("reading packets", rounds.len() as u64);
    let read = |(index, round): (usize, &RoundSource)| {
        if progress.stop_requested() {
            return Err(Error::Stopped);
        }
        let windows = round_windows(index, round, selection, windowings)?;
        progress.advance(1);
        Ok(windows)
    };
    let rounds = rounds.par_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(Windows { windowings: windowings.to_vec(), observer: selection.observer, rounds })
}

/// Reads one round, the `index`-th of its campaign (from 0).
///
/// # Errors
/// [`Error::Traffic`] for a damaged capture, [`Error::NoPackets`] naming the round.
pub fn round_windows(
    index: usize,
    round: &RoundSource,
    selection: Selection,
    windowings: &[Windowing],
) -> Result<RoundWindows, Error> {
    let windows = read_round(round, selection, windowings)?;
    if windows.stats.packets > 0 {
        return Ok(windows);
    }
    let device = match selection.device {
        Device::Any => "any device".to_owned(),
        device => device.to_string(),
    };
    Err(Error::NoPackets { round: index + 1, path: round.name(), device, frames: windows.summary.frames })
}

fn read_round(
    round: &RoundSource,
    selection: Selection,
    windowings: &[Windowing],
) -> Result<RoundWindows, Error> {
    let mut pass = Pass::new(windowings);
    let mut columns = vec![Columns::default(); windowings.len()];
    let mut stats = PacketStats::default();
    let span = Span { start_ns: round.start_ns, drop_ns: (round.drop_s * 1e9) as u64, end_ns: None };
    let view = View { device: selection.device, observers: &[selection.observer], span };
    let mut take = |seen: Seen<'_>| {
        if let Seen::Packet { packet, .. } = seen {
            stats.add(packet);
        }
        pass.take(seen, |windowing, window| columns[windowing].push(window));
    };
    let summary = match &round.source {
        Source::Capture(path) => trace::read_all(&mut CaptureReader::open(path)?, &view, &mut take)?,
        Source::Generated(round) => {
            let mut frames = synth::Generated { settings: &round.0, plan: &round.1 };
            trace::read_all(&mut frames, &view, &mut take)?
        }
    };
    pass.finish(|windowing, window| columns[windowing].push(window));
    Ok(RoundWindows { condition: round.condition.clone(), unit: round.unit, columns, stats, summary })
}

impl Windows {
    /// One windowing of some conditions as a labelled table; the conditions are the classes, in order.
    ///
    /// Units are numbered as the rounds say; a round without a unit is one of its own. An undefined
    /// value becomes 0.
    ///
    /// # Errors
    /// [`Error::Learn`] where the table is none.
    pub fn dataset(&self, windowing: usize, conditions: &[&str]) -> Result<Dataset, Error> {
        let features = learned(self.windowings[windowing], self.observer);
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); features.len()];
        let (mut y, mut units, mut starts_ns) = (Vec::new(), Vec::new(), Vec::new());
        let own_units = self.rounds.iter().filter_map(|round| round.unit).max().map_or(0, |u| u + 1);
        for (number, round) in (0..).zip(&self.rounds) {
            let Some(class) = conditions.iter().position(|name| *name == round.condition) else { continue };
            let windows = &round.columns[windowing];
            for (column, &feature) in columns.iter_mut().zip(&features) {
                column.extend(windows.learned(feature));
            }
            y.resize(y.len() + windows.n_windows(), class as u32);
            units.resize(y.len(), round.unit.unwrap_or(own_units.saturating_add(number)));
            starts_ns.extend_from_slice(windows.start_ns());
        }
        Ok(Dataset {
            features: features.iter().map(|&f| FEATURES[f].name.to_owned()).collect(),
            x: Matrix::from_columns(&columns)?,
            y,
            classes: conditions.iter().map(|&name| name.to_owned()).collect(),
            units: Some(units),
            starts_ns: Some(starts_ns),
        })
    }

    /// Means and correlations over the packets of all rounds of a condition.
    pub fn stats(&self, condition: &str) -> PacketStats {
        let mut whole = PacketStats::default();
        for round in self.rounds.iter().filter(|round| round.condition == condition) {
            whole.merge(&round.stats);
        }
        whole
    }
}

/// One capture's windows as an unlabelled table, for a model: every feature the observer sees.
///
/// # Errors
/// [`Error::Traffic`].
pub fn model_table(
    capture: &std::path::Path,
    selection: Selection,
    windowing: Windowing,
) -> Result<(Dataset, Summary), Error> {
    let round = RoundSource {
        source: Source::Capture(capture.to_owned()),
        condition: String::new(),
        unit: None,
        start_ns: None,
        drop_s: 0.0,
        sha256: None,
    };
    let read = read_round(&round, selection, &[windowing])?;
    let windows = &read.columns[0];
    let seen: Vec<usize> =
        (0..FEATURES.len()).filter(|&i| selection.observer.sees(FEATURES[i].needs)).collect();
    let columns: Vec<Vec<f64>> = seen.iter().map(|&feature| windows.learned(feature).collect()).collect();
    let data = Dataset {
        features: seen.iter().map(|&feature| FEATURES[feature].name.to_owned()).collect(),
        x: Matrix::from_columns(&columns)?,
        y: vec![0; windows.n_windows()],
        classes: Vec::new(),
        units: None,
        starts_ns: Some(windows.start_ns().to_vec()),
    };
    Ok((data, read.summary))
}
