//! Reading rounds: one decode of a capture for all observers and windowings.

use super::{Fingerprint, Joined, Recogniser, RoundSource, RoundTable, Source, join};
use crate::Error;
use crate::engine::Engine;
use crate::packet_stats::PacketStats;
use crate::table::packets;
use overhear_learn::Dataset;
use overhear_synth as synth;
use overhear_traffic::capture::Frames;
use overhear_traffic::feature::{Columns, FeatureSet};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Packet};
use overhear_traffic::trace::{self, Seen, Selection, Summary, View};
use overhear_traffic::window::{Bins, Pass, Windowing};

/// One round as one observer sees it.
#[derive(Debug, Clone)]
pub struct ObserverWindows {
    /// One entry per windowing, in the order asked for.
    pub columns: Vec<Columns>,
    /// Means and correlations over packets.
    pub stats: PacketStats,
    /// Its seconds with packets, if asked for.
    pub bins: Option<Bins>,
}

/// What is made of a round's packets.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// How they are grouped.
    pub windowings: &'a [Windowing],
    /// Which features of windows.
    pub features: FeatureSet,
    /// Seconds, none with packets yet, if they are wanted.
    pub bins: Option<Bins>,
    /// By observer what it takes for cover and leaves out; nothing where there is none.
    pub cover: &'a [Recogniser],
}

/// One round, read for every observer.
#[derive(Debug, Clone)]
pub struct RoundWindows {
    /// Under which condition.
    pub condition: String,
    /// The unit it belongs to.
    pub unit: Option<u32>,
    /// One entry per observer, in the order asked for.
    pub observers: Vec<ObserverWindows>,
    /// What the capture held.
    pub summary: Summary,
    /// What its packets are known by.
    pub fingerprint: Fingerprint,
    /// Packets of the round that the first observer sees.
    pub packets: u64,
    /// Time of the first of them, ns since 1970.
    pub first_ns: Option<i64>,
    /// Time of the last of them.
    pub last_ns: Option<i64>,
    /// The longest silence between two of them, ns.
    pub longest_gap_ns: u64,
}

/// The windows of all rounds, as one observer sees them.
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
    engine: &Engine<'_>,
) -> Result<Windows, Error> {
    engine.stage("reading packets", rounds.len() as u64);
    let rounds = engine.each(rounds, |round| {
        let wanted = Wanted { windowings, features: FeatureSet::PAPER, bins: None, cover: &[] };
        let read = round_windows(round, selection.device, &[selection.observer], &wanted)?;
        if read.packets > 0 {
            return Ok(read);
        }
        let device = match selection.device {
            Device::Any => "any device".to_owned(),
            device => device.to_string(),
        };
        Err(Error::NoPackets {
            round: round.place + 1,
            path: round.name(),
            device,
            frames: read.summary.frames,
        })
    })?;
    Ok(Windows { windowings: windowings.to_vec(), observer: selection.observer, rounds })
}

/// Reads one round for several observers.
///
/// # Errors
/// [`Error::Traffic`] for a damaged capture.
pub fn round_windows(
    round: &RoundSource,
    device: Device,
    observers: &[Observer],
    wanted: &Wanted<'_>,
) -> Result<RoundWindows, Error> {
    let mut reading = Reading {
        observers: (0..observers.len()).map(|observer| Observed::new(wanted, observer)).collect(),
        fingerprint: Fingerprint::default(),
        first_ns: None,
        last_ns: None,
        longest_gap_ns: 0,
    };
    let view = View { device, observers, span: round.span(), dedup: round.dedup };
    let summary = match &round.source {
        Source::Capture(path) => reading.read(&mut packets::open(path)?, &view, round)?,
        Source::Generated(generated) => {
            let (settings, plan) = (&generated.0, &generated.1);
            reading.read(&mut synth::Generated { settings, plan }, &view, round)?
        }
    };
    let (fingerprint, first_ns, last_ns) = (reading.fingerprint, reading.first_ns, reading.last_ns);
    let longest_gap_ns = reading.longest_gap_ns;
    let observers: Vec<ObserverWindows> = reading.observers.into_iter().map(Observed::finish).collect();
    Ok(RoundWindows {
        condition: round.condition.clone(),
        unit: round.unit,
        packets: observers.first().map_or(0, |own| own.stats.packets),
        observers,
        summary,
        fingerprint,
        first_ns,
        last_ns,
        longest_gap_ns,
    })
}

/// A round being read.
struct Reading<'a> {
    observers: Vec<Observed<'a>>,
    fingerprint: Fingerprint,
    first_ns: Option<i64>,
    last_ns: Option<i64>,
    longest_gap_ns: u64,
}

impl Reading<'_> {
    fn read(
        &mut self,
        frames: &mut impl Frames,
        view: &View<'_>,
        round: &RoundSource,
    ) -> Result<Summary, Error> {
        let each = |seen: Seen<'_>| match seen {
            Seen::Packet { observer, packet } => {
                if self.observers[observer].leaves_out(packet) {
                    return;
                }
                if observer == 0 {
                    self.remember(packet);
                }
                self.observers[observer].take(packet);
            }
            Seen::Step => self.observers.iter_mut().for_each(Observed::end_stretch),
        };
        Ok(match round.change(view.device) {
            None => trace::read_all(frames, view, each)?,
            Some(mut change) => trace::read_changed(frames, view, &mut change, each)?,
        })
    }

    fn remember(&mut self, packet: &Packet) {
        self.fingerprint.add(packet);
        let gap_ns = self.last_ns.map_or(0, |last| packet.time_ns.saturating_sub(last).max(0) as u64);
        self.longest_gap_ns = self.longest_gap_ns.max(gap_ns);
        self.first_ns = Some(self.first_ns.map_or(packet.time_ns, |first| first.min(packet.time_ns)));
        self.last_ns = Some(packet.time_ns);
    }
}

/// What one observer makes of a round while it is read.
struct Observed<'a> {
    pass: Pass,
    columns: Vec<Columns>,
    stats: PacketStats,
    bins: Option<Bins>,
    cover: Option<&'a Recogniser>,
}

impl<'a> Observed<'a> {
    fn new(wanted: &Wanted<'a>, observer: usize) -> Observed<'a> {
        let &Wanted { windowings, features, ref bins, cover } = wanted;
        let pass = if features.needs_detail() { Pass::full(windowings) } else { Pass::new(windowings) };
        let columns = vec![Columns::of(features); windowings.len()];
        let cover = cover.get(observer);
        Observed { pass, columns, stats: PacketStats::default(), bins: bins.clone(), cover }
    }

    fn leaves_out(&self, packet: &Packet) -> bool {
        self.cover.is_some_and(|cover| cover.is_cover(packet))
    }

    fn take(&mut self, packet: &Packet) {
        self.stats.add(packet);
        if let Some(bins) = &mut self.bins {
            bins.push(packet);
        }
        self.pass.push(packet, |windowing, window| self.columns[windowing].push(window));
    }

    fn end_stretch(&mut self) {
        self.stats.end_stretch();
        if let Some(bins) = &mut self.bins {
            bins.end_stretch();
        }
        self.pass.end_stretch(|windowing, window| self.columns[windowing].push(window));
    }

    fn finish(mut self) -> ObserverWindows {
        self.pass.finish(|windowing, window| self.columns[windowing].push(window));
        ObserverWindows { columns: self.columns, stats: self.stats, bins: self.bins }
    }
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
        let own_units = self.rounds.iter().filter_map(|round| round.unit).max().map_or(0, |u| u + 1);
        let mut used: Vec<(RoundTable, u32, u32)> = Vec::new();
        for (number, round) in (0..).zip(&self.rounds) {
            let Some(class) = conditions.iter().position(|name| *name == round.condition) else { continue };
            let columns = &round.observers[0].columns[windowing];
            let table = RoundTable::of(columns, self.windowings[windowing], self.observer, FeatureSet::PAPER);
            used.push((table, class as u32, round.unit.unwrap_or(own_units.saturating_add(number))));
        }
        let classes = conditions.iter().map(|&name| name.to_owned()).collect();
        let Joined { data, .. } =
            join(used.iter().map(|(table, class, unit)| (table, *class, *unit)), classes)?;
        Ok(data)
    }

    /// Means and correlations over the packets of all rounds of a condition.
    pub fn stats(&self, condition: &str) -> PacketStats {
        let mut whole = PacketStats::default();
        for round in self.rounds.iter().filter(|round| round.condition == condition) {
            whole.merge(&round.observers[0].stats);
        }
        whole
    }
}

/// One capture's windows as an unlabelled table, for a model: every feature of the set that the observer sees.
///
/// # Errors
/// [`Error::Traffic`].
pub fn model_table(
    capture: &RoundSource,
    selection: Selection,
    windowing: Windowing,
    features: FeatureSet,
) -> Result<(Dataset, Summary), Error> {
    let Selection { device, observer } = selection;
    let read = round_windows(
        capture,
        device,
        &[observer],
        &Wanted { windowings: &[windowing], features, bins: None, cover: &[] },
    )?;
    let table = RoundTable::whole(&read.observers[0].columns[0], observer);
    let Joined { mut data, .. } = join([(&table, 0, 0)], Vec::new())?;
    data.units = None;
    Ok((data, read.summary))
}
