//! Rounds for an audit, read once for all observers: what can be used is, what cannot is left out, with the fact that
//! says why.

use super::gather::Gathered;
use super::result::RoundUse;
use super::stretch::Watched;
use super::used::UsedRound;
use super::view::{Base, Grouping, Look, Representation, Vantage};
use crate::Error;
use crate::assemble::{Fingerprint, RoundSource, RoundTable, RoundWindows, Wanted, facts, round_windows};
use crate::campaign::{Campaign, CheckedPlan, Generated};
use crate::caveat::{Caveat, Effect, Fact, PlanFault};
use crate::engine::Engine;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::window::Bins;
use std::collections::HashMap;
use std::path::PathBuf;

/// What is read of the rounds.
pub struct Plan<'a> {
    /// The device's name.
    pub name: &'a str,
    /// Whose packets.
    pub device: Device,
    /// Who looks.
    pub observers: &'a [Observer],
    /// What rows are made of packets.
    pub representation: &'a Representation,
    /// Set where the traffic was generated.
    pub generated: Option<String>,
    /// The plan that the rounds follow, where there is one.
    pub order: Option<Result<CheckedPlan, PlanFault>>,
}

/// A round as it was given, with what is already known of it.
pub struct GivenRound {
    /// Where from and under which condition.
    pub source: RoundSource,
    /// What is known before it is read.
    pub facts: Vec<Fact>,
}

/// The rounds of a campaign on disk; captures that are missing or altered say so.
///
/// # Errors
/// [`Error::Stopped`].
pub fn given_by(campaign: &Campaign, engine: &Engine<'_>) -> Result<Vec<GivenRound>, Error> {
    let rounds: Vec<usize> = (0..campaign.manifest.rounds.len()).collect();
    engine.stage("checking captures", rounds.len() as u64);
    engine.each(&rounds, |&index| {
        let mut source = RoundSource::of_campaign(campaign, &campaign.manifest.rounds[index]);
        let mut facts = Vec::new();
        if let Some(reason) = &campaign.manifest.rounds[index].lost {
            facts.push(Fact::Lost { reason: reason.clone() });
            return Ok(GivenRound { source, facts });
        }
        match campaign.check_round(index, engine) {
            Ok(sha256) => source.sha256 = Some(sha256),
            Err(Error::MissingCapture { source, .. }) => {
                facts.push(Fact::Missing { reason: source.to_string() })
            }
            Err(Error::Altered { found, expected, .. }) => facts.push(Fact::Altered { found, expected }),
            Err(other) => return Err(other),
        }
        Ok(GivenRound { source, facts })
    })
}

/// Reads the rounds for every observer; those that cannot be used are left out with the fact that says why.
///
/// # Errors
/// [`Error::NothingLeft`] where no two conditions are left, with everything that is known; [`Error::NoDevice`],
/// [`Error::Stopped`].
pub fn gather(given: Vec<GivenRound>, plan: &Plan<'_>, engine: &Engine<'_>) -> Result<Gathered, Error> {
    let (given, found) = look(given, plan, engine)?;
    used(given, found, plan)
}

/// Reads the rounds and adds what is noticed to what is known of each; `None` for one that cannot be read.
///
/// # Errors
/// [`Error::NoDevice`] where no round holds a packet of the device, [`Error::Stopped`].
pub fn look(
    mut given: Vec<GivenRound>,
    plan: &Plan<'_>,
    engine: &Engine<'_>,
) -> Result<(Vec<GivenRound>, Vec<Option<RoundWindows>>), Error> {
    // what is drawn for rounds differs by their place
    given.iter_mut().enumerate().for_each(|(index, round)| round.source.place = index);
    note_overlaps(&mut given);
    engine.stage("reading packets", given.len() as u64);
    let read = engine.each(&given, |round| {
        if is_left_out(&round.facts) {
            return Ok(None);
        }
        let Representation { windowings, features, sequences } = plan.representation;
        // seconds are counted from where a round is looked at
        let from = || Watched { span: round.source.span(), is_silent: false }.known().map(|(start, _)| start);
        let bins = (!sequences.is_empty()).then(|| Bins::from(from()));
        let wanted = Wanted { windowings, features: *features, bins, cover: &[] };
        Ok(Some(round_windows(&round.source, plan.device, plan.observers, &wanted)))
    })?;
    let longest = usual_silence(&read);
    let mut found: Vec<Option<RoundWindows>> = Vec::with_capacity(given.len());
    for (round, read) in given.iter_mut().zip(read) {
        found.push(match read {
            Some(Ok(windows)) => {
                let known = facts(&round.source, &windows, longest).into_iter();
                // receivers are missing from a cooked capture's MAC addresses alone
                let by_mac = matches!(plan.device, Device::Mac(_));
                round
                    .facts
                    .extend(known.filter(|fact| by_mac || !matches!(fact, Fact::CookedCapture { .. })));
                Some(windows)
            }
            Some(Err(error)) => {
                round.facts.push(Fact::Damaged { reason: error.to_string() });
                None
            }
            None => None,
        });
    }
    note_same_packets(&mut given, &found);
    hush_neighbours(&mut given);
    if found.iter().flatten().all(|windows| windows.summary.events.count == 0)
        && let Some(frames) = found.iter().flatten().map(|windows| windows.summary.frames).max()
    {
        return Err(Error::NoDevice {
            device: plan.device,
            captures: found.iter().flatten().count(),
            frames,
        });
    }
    Ok((given, found))
}

/// The longest silence within a round, as three in four rounds have it at most: one interrupted recording does not
/// count for all.
fn usual_silence(read: &[Option<Result<RoundWindows, Error>>]) -> u64 {
    let mut longest: Vec<u64> =
        read.iter().flatten().flatten().map(|windows| windows.longest_gap_ns).collect();
    longest.sort_unstable();
    longest.get(longest.len() * 3 / 4).copied().unwrap_or(0)
}

fn is_left_out(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| fact.effect() == Effect::LeftOut)
}

impl GivenRound {
    /// Whether something is known that keeps it out.
    pub fn is_left_out(&self) -> bool {
        is_left_out(&self.facts)
    }

    /// What is known of it, as the `index`-th round.
    pub fn caveats(&self, index: usize) -> impl Iterator<Item = Caveat> {
        let capture = self.source.name().display().to_string();
        self.facts.iter().map(move |fact| Caveat::of_round(index, &capture, fact.clone()))
    }
}

/// Rounds that ran at the same time measured the same traffic: none of their units can be used.
fn note_overlaps(given: &mut [GivenRound]) {
    let span = |round: &GivenRound| {
        let span = round.source.span();
        // what is missing measured nothing
        if is_left_out(&round.facts) { None } else { span.start_ns.zip(span.end_ns) }
    };
    let mut spans: Vec<(i64, i64, usize)> =
        given.iter().enumerate().filter_map(|(i, round)| span(round).map(|(a, b)| (a, b, i))).collect();
    spans.sort_unstable();
    let mut longest: Option<(i64, usize)> = None;
    let mut overlaps = Vec::new();
    for (start, end, index) in spans {
        if let Some((until, other)) = longest
            && start < until
        {
            overlaps.push((index, other));
        }
        if longest.is_none_or(|(until, _)| end > until) {
            longest = Some((end, index));
        }
    }
    for (a, b) in overlaps {
        for (one, other) in [(a, b), (b, a)] {
            if !is_left_out(&given[one].facts) {
                given[one].facts.push(Fact::OverlapsInTime { other: other + 1 });
            }
        }
    }
}

/// The same traffic counts once: of two rounds of one condition the later one is left out, of two conditions both.
fn note_same_packets(given: &mut [GivenRound], found: &[Option<RoundWindows>]) {
    let prints: Vec<(usize, &Fingerprint)> = found
        .iter()
        .enumerate()
        .filter_map(|(index, windows)| windows.as_ref().map(|windows| (index, &windows.fingerprint)))
        .filter(|(index, _)| !is_left_out(&given[*index].facts))
        .collect();
    let mut same: Vec<(usize, usize)> = Vec::new();
    for (place, (later, print)) in prints.iter().enumerate() {
        let earlier = prints[..place].iter().find(|(_, other)| print.shares_packets(other));
        same.extend(earlier.map(|(earlier, _)| (*earlier, *later)));
    }
    for (earlier, later) in same {
        let same_condition = given[earlier].source.condition == given[later].source.condition;
        given[later].facts.push(Fact::SamePackets { other: earlier + 1, same_condition });
        if !same_condition && !is_left_out(&given[earlier].facts) {
            given[earlier].facts.push(Fact::SamePackets { other: later + 1, same_condition });
        }
    }
}

/// Where several rounds are parts of one capture, packets outside of one are those of the others: no fact.
fn hush_neighbours(given: &mut [GivenRound]) {
    let mut rounds_of: HashMap<PathBuf, usize> = HashMap::new();
    given.iter().for_each(|round| *rounds_of.entry(round.source.name()).or_default() += 1);
    for round in given {
        if rounds_of[&round.source.name()] > 1 {
            round.facts.retain(|fact| !matches!(fact, Fact::PacketsOutside { .. }));
        }
    }
}

/// The rounds that are used, with everything that is known of them and of the others.
fn used(
    given: Vec<GivenRound>,
    found: Vec<Option<RoundWindows>>,
    plan: &Plan<'_>,
) -> Result<Gathered, Error> {
    let (mut rounds, mut schedule, mut caveats) = (Vec::new(), Vec::new(), Vec::new());
    // a capture says by itself that it was generated, whatever was made of it
    let said = found.iter().flatten().find_map(|windows| windows.summary.generated.as_deref());
    let generated = said.map(Generated::of_comment);
    let own_units = given.iter().filter_map(|round| round.source.unit).max().map_or(0, |unit| unit + 1);
    for (index, (round, windows)) in given.into_iter().zip(found).enumerate() {
        let source = &round.source;
        let capture = source.name().display().to_string();
        let left_out = round.is_left_out();
        caveats.extend(round.caveats(index));
        let mut use_of = RoundUse {
            capture,
            condition: source.condition.clone(),
            unit: source.unit.unwrap_or(own_units.saturating_add(index as u32)),
            start_ns: source.start_ns,
            duration_s: 0.0,
            sha256: source.sha256.clone(),
            packets: 0,
        };
        if let Some(windows) = windows {
            let covered = windows.first_ns.zip(windows.last_ns);
            let covered_s = covered.map_or(0.0, |(first, last)| (last - first) as f64 / 1e9);
            let first_ns =
                windows.first_ns.or(windows.summary.events.first_ns).or(windows.summary.first_frame_ns);
            use_of.start_ns = use_of.start_ns.or(first_ns);
            use_of.duration_s = source.watched_s().unwrap_or(covered_s);
            use_of.packets = windows.packets;
            if !left_out {
                rounds.push(UsedRound {
                    index,
                    condition: use_of.condition.clone(),
                    unit: use_of.unit,
                    start_ns: use_of.start_ns,
                    offset_s: source.offset_s,
                    seconds: use_of.duration_s,
                    span: source.span(),
                    source: Some(source.clone()),
                    tables: tables(&windows, plan.observers, plan.representation),
                    bins: windows.observers.into_iter().map(|seen| seen.bins.unwrap_or_default()).collect(),
                });
            }
        }
        schedule.push(use_of);
    }
    let mut gathered = Gathered::new(plan.name, rounds, schedule, caveats);
    gathered.generated = plan.generated.clone().or(generated);
    gathered.observers = plan.observers.iter().copied().map(Vantage::Observer).collect();
    gathered.windowings = plan.representation.of_windowings().collect();
    gathered.look = Some(Look {
        device: plan.device,
        observers: plan.observers.to_vec(),
        representation: plan.representation.clone(),
    });
    gathered.settle(plan.order.clone())?;
    Ok(gathered)
}

/// The windows of a round, observer by observer, grouping by grouping.
pub(super) fn tables(
    windows: &RoundWindows,
    observers: &[Observer],
    representation: &Representation,
) -> Vec<RoundTable> {
    let of = |(seen, &observer): (&crate::assemble::ObserverWindows, &Observer)| {
        let of_grouping = |grouping: Grouping| {
            let Base::Windowing(windowing) = grouping.base else { return None };
            let place = representation.windowings.iter().position(|own| *own == windowing)?;
            Some(RoundTable::of(&seen.columns[place], windowing, observer, grouping.features))
        };
        representation.of_windowings().filter_map(of_grouping).collect::<Vec<_>>()
    };
    windows.observers.iter().zip(observers).flat_map(of).collect()
}
