//! What is known of the data and could change an answer. A caveat begins where something is noticed and travels with
//! the rounds to the finding, the page and the terminal.
//!
//! Each kind of fact has one effect, decided here and explained in `docs/audit.md`: the round is left out, the answer
//! is capped at INCONCLUSIVE, or the fact is noted beside the answer.

use crate::table::TableNote;
use overhear_traffic::window::Windowing;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A fact about one round, or about all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Caveat {
    /// The round, from 1 in the order of the campaign; `None` for a fact about the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<usize>,
    /// The round's capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// What is known.
    #[serde(flatten)]
    pub fact: Fact,
    /// What was done about it.
    pub effect: Effect,
}

/// What a fact does to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The round takes no part.
    LeftOut,
    /// The answer is INCONCLUSIVE, whatever the numbers say.
    Caps,
    /// It stands beside the answer.
    Noted,
}

/// What is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The capture is not there, or cannot be opened.
    #[error("the capture cannot be read: {reason}; restore it, or take the round out of campaign.toml")]
    Missing {
        /// The system's reason.
        reason: String,
    },
    /// The manifest says that the round was lost.
    #[error("it was lost: {reason}")]
    Lost {
        /// Why.
        reason: String,
    },
    /// The capture is not the one the manifest was written for.
    #[error(
        "its SHA-256 is {found}, the manifest says {expected}: the capture was altered; restore it, or correct the manifest"
    )]
    Altered {
        /// Hash found.
        found: String,
        /// Hash in the manifest.
        expected: String,
    },
    /// The capture is damaged, or none.
    #[error("{reason}")]
    Damaged {
        /// What the reader said, with the place.
        reason: String,
    },
    /// The file ends inside a packet, before the round's end or at an end that nobody knows.
    #[error("the file ends in mid-packet (byte {byte}): the recording was cut off")]
    CutOff {
        /// Offset of the packet that is cut.
        byte: u64,
    },
    /// The file ends inside a packet, after the round's end.
    #[error("the file ends in mid-packet (byte {byte}), after the round's end")]
    CutOffLater {
        /// Offset of the packet that is cut.
        byte: u64,
    },
    /// Packets stop, or begin, far from the round's end or beginning.
    #[error("its packets cover {covered_s:.0} s of {duration_s:.0} s: {}", if *few { "with so few, the device may have been silent" } else { "the recording begins late or ends early" })]
    Partial {
        /// From the first packet to the last, s.
        covered_s: f64,
        /// What the manifest says, s.
        duration_s: f64,
        /// Whether there are too few to know the recorder's silence from the device's.
        few: bool,
    },
    /// All of the capture lies outside the round.
    #[error("{}", outside(*first_ns, *last_ns, *start_ns, *end_ns))]
    OutsideRound {
        /// First packet, ns since 1970.
        first_ns: i64,
        /// Last packet.
        last_ns: i64,
        /// The round's start, as the manifest has it.
        start_ns: i64,
        /// The round's end; `None` without a duration.
        end_ns: Option<i64>,
    },
    /// Some packets lie outside the round and were not used.
    #[error("{before} packets before its start and {after} after its end were not used")]
    PacketsOutside {
        /// Before its start.
        before: u64,
        /// After its end.
        after: u64,
    },
    /// Two rounds ran at the same time, by the manifest.
    #[error(
        "it overlaps in time with round {other}; correct `start` or `duration_s`, or take one of them out"
    )]
    OverlapsInTime {
        /// The other round, from 1.
        other: usize,
    },
    /// Another round holds the same packets.
    #[error("it holds packets of round {other}: the same traffic counts once{}", if *same_condition { "" } else { ", and not under two conditions" })]
    SamePackets {
        /// The other round, from 1.
        other: usize,
        /// Whether both are of one condition.
        same_condition: bool,
    },
    /// Single timestamps far off their neighbours.
    #[error(
        "{packets} {} more than 1 s off both neighbours; each took the time of the packet before",
        if *packets == 1 { "timestamp lay" } else { "timestamps lay" }
    )]
    ClockOutliers {
        /// How many.
        packets: u64,
    },
    /// Timestamps a little earlier than the one before.
    #[error("{packets} timestamps ran backwards by at most 1 s; they were raised to the one before")]
    ClockRaised {
        /// How many.
        packets: u64,
    },
    /// The capturing clock was set while the round was recorded.
    #[error("the clock was set back {steps} times, by up to {largest_s:.1} s{}", if *placed { ": where the round begins and ends cannot be known" } else { "; no window crosses a step" })]
    ClockSteps {
        /// How often.
        steps: u64,
        /// The largest step, s.
        largest_s: f64,
        /// Whether the manifest places the round on that clock.
        placed: bool,
    },
    /// Frames that cannot be read: link types unknown here, headers cut or damaged.
    #[error("{frames} of {of} frames cannot be read (link type, cut or damaged headers)")]
    UnreadFrames {
        /// How many.
        frames: u64,
        /// Of how many.
        of: u64,
        /// Whether they are too many for the round to be used.
        most: bool,
    },
    /// A capture of Linux's "any" interface names senders alone.
    #[error(
        "a cooked capture names senders only: packets to the device are known by the addresses it sent from before"
    )]
    CookedCapture {
        /// Frames of that kind.
        frames: u64,
    },
    /// Frames wrapped by a mirror.
    #[error("{frames} of {of} frames are wrapped by a mirror: the frames inside count")]
    Mirrored {
        /// How many.
        frames: u64,
        /// Of how many.
        of: u64,
    },
    /// Packets that the capture holds more than once.
    #[error(
        "about {:.0} % of the device's packets are copies of another within 10 ms (a mirror of two ports, a router's two sides, frames sent again in the air); --dedup takes them out",
        100.0 * share
    )]
    PacketsTwice {
        /// Which share of those looked at are copies.
        share: f64,
    },
    /// Copies of packets were taken out.
    #[error("{packets} of {of} packets were copies of another and were taken out")]
    CopiesTakenOut {
        /// How many.
        packets: u64,
        /// Of how many.
        of: u64,
    },
    /// Some rounds hold packets twice, others do not.
    #[error(
        "{rounds} of {of} rounds hold packets more than once, the others do not: that is a difference of the recording; --dedup takes the copies out"
    )]
    TwiceInSome {
        /// How many rounds do.
        rounds: usize,
        /// Of how many.
        of: usize,
    },
    /// No packet of the device: silence is an observation.
    #[error("no packet of the device among {frames} frames: taken as silence")]
    Silent {
        /// Frames in the capture.
        frames: u64,
    },
    /// An empty capture that nothing places in time.
    #[error("the capture is empty, and nothing says when it was recorded; give the round a `start`")]
    NoTime,
    /// A length that nothing places in time.
    #[error(
        "duration_s = {duration_s} is not used, since there is no `start`: the capture is read to its end"
    )]
    DurationUnplaced {
        /// As the manifest has it, s.
        duration_s: f64,
    },
    /// Too few packets for a window by count.
    #[error(
        "{rounds} rounds hold too few packets for one window of {windowing}: each counts as one observation without traffic there"
    )]
    NoWindow {
        /// The windowing.
        windowing: Windowing,
        /// How many rounds.
        rounds: usize,
    },
    /// Rounds were watched for different times.
    #[error(
        "rounds were watched for {shortest_s:.0} to {longest_s:.0} s: of whole stretches as much is looked at in each as in the shortest"
    )]
    UnequalRounds {
        /// The shortest, s.
        shortest_s: f64,
        /// The longest, s.
        longest_s: f64,
    },
    /// The unit already has a round of the condition.
    #[error(
        "unit {unit} has an earlier round of {condition}: a unit holds one round of each; give this one a unit of its own"
    )]
    Repeat {
        /// The unit.
        unit: u32,
        /// The condition.
        condition: String,
    },
    /// The unit lacks a round of another condition.
    #[error(
        "unit {unit} has a round of {condition} and no partner; record the other condition, or give the round another unit"
    )]
    NoPartner {
        /// The unit.
        unit: u32,
        /// The condition.
        condition: String,
    },
    /// Most of what was recorded takes no part.
    #[error("{left_out} of {of} rounds are left out: what remains need not be what was recorded")]
    MostLeftOut {
        /// Rounds left out.
        left_out: usize,
        /// Of how many.
        of: usize,
    },
    /// All rounds of a condition are lost.
    #[error("no round of {condition} is left: what it would have shown is unknown")]
    ConditionLost {
        /// Which.
        condition: String,
    },
    /// Rounds of one condition are lost more often than those of others.
    #[error(
        "{lost} of {of} rounds of {condition} are lost, more than chance explains (p = {p:.3}): what is lost may be the difference"
    )]
    LossesWithCondition {
        /// Which.
        condition: String,
        /// How many of its rounds are lost.
        lost: usize,
        /// Of how many.
        of: usize,
        /// How often chance loses as many.
        p: f64,
    },
    /// A plan that the manifest names proves nothing.
    #[error("the plan proves no order: {fault}")]
    PlanUnproven {
        /// Why.
        fault: PlanFault,
    },
    /// A table without times.
    #[error("the table has no times: in which order its rows were measured is unknown")]
    OrderUnknown,
    /// Something about the table.
    #[error("{note}")]
    Table {
        /// What was noticed.
        note: TableNote,
    },
}

/// Why a plan proves nothing about the order of rounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum PlanFault {
    /// The file is not there.
    #[error("it cannot be read: {reason}")]
    Missing {
        /// The system's reason.
        reason: String,
    },
    /// The file is not the one whose hash the manifest has.
    #[error("its SHA-256 is {found}, the manifest says {expected}")]
    Altered {
        /// Hash found.
        found: String,
        /// Hash in the manifest.
        expected: String,
    },
    /// The file is no plan.
    #[error("it is no plan: {reason}")]
    NoPlan {
        /// Why.
        reason: String,
    },
    /// Its rounds are not what its own seed draws.
    #[error("its rounds are not those that its seed draws")]
    NotDrawn,
    /// It does not say when it was drawn.
    #[error("it does not say when it was drawn; `overhear plan --drawn now` does")]
    Undated,
    /// It was drawn after the first round began.
    #[error("it was drawn after the first packet")]
    TooLate,
    /// Rounds came in another order.
    #[error("unit {unit} was not recorded in the order it says")]
    NotFollowed {
        /// The first unit that differs.
        unit: u32,
    },
}

impl Fact {
    /// What it does to the answer.
    pub fn effect(&self) -> Effect {
        match self {
            Fact::Missing { .. }
            | Fact::Lost { .. }
            | Fact::Altered { .. }
            | Fact::Damaged { .. }
            | Fact::CutOff { .. }
            | Fact::Partial { few: false, .. }
            | Fact::OutsideRound { .. }
            | Fact::NoTime
            | Fact::OverlapsInTime { .. }
            | Fact::SamePackets { .. }
            | Fact::ClockSteps { placed: true, .. }
            | Fact::UnreadFrames { most: true, .. }
            | Fact::Repeat { .. }
            | Fact::NoPartner { .. } => Effect::LeftOut,
            Fact::MostLeftOut { .. }
            | Fact::ConditionLost { .. }
            | Fact::LossesWithCondition { .. }
            | Fact::TwiceInSome { .. } => Effect::Caps,
            Fact::CutOffLater { .. }
            | Fact::Partial { few: true, .. }
            | Fact::PacketsOutside { .. }
            | Fact::ClockOutliers { .. }
            | Fact::ClockRaised { .. }
            | Fact::ClockSteps { placed: false, .. }
            | Fact::UnreadFrames { most: false, .. }
            | Fact::CookedCapture { .. }
            | Fact::Mirrored { .. }
            | Fact::PacketsTwice { .. }
            | Fact::CopiesTakenOut { .. }
            | Fact::Silent { .. }
            | Fact::DurationUnplaced { .. }
            | Fact::NoWindow { .. }
            | Fact::UnequalRounds { .. }
            | Fact::PlanUnproven { .. }
            | Fact::OrderUnknown
            | Fact::Table { .. } => Effect::Noted,
        }
    }

    /// Whether the campaign on disk is not what its manifest says: something to repair before anything is decided.
    pub fn is_broken_campaign(&self) -> bool {
        matches!(self, Fact::Missing { .. } | Fact::Altered { .. } | Fact::Damaged { .. })
    }
}

impl Caveat {
    /// A fact about the `index`-th round (from 0).
    pub fn of_round(index: usize, capture: &str, fact: Fact) -> Caveat {
        Caveat { round: Some(index + 1), capture: Some(capture.to_owned()), effect: fact.effect(), fact }
    }

    /// A fact about the whole.
    pub fn of_all(fact: Fact) -> Caveat {
        Caveat { round: None, capture: None, effect: fact.effect(), fact }
    }
}

impl fmt::Display for Caveat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = if self.effect == Effect::LeftOut { " is left out" } else { "" };
        match (self.round, &self.capture) {
            (Some(round), Some(capture)) => write!(f, "round {round} ({capture}){left_out}: {}", self.fact),
            (Some(round), None) => write!(f, "round {round}{left_out}: {}", self.fact),
            (None, _) => self.fact.fmt(f),
        }
    }
}

/// A time as people read it: date and time, UTC.
pub(crate) fn utc(ns: i64) -> String {
    let stamp = jiff::Timestamp::from_nanosecond(i128::from(ns)).ok();
    stamp.map_or_else(|| format!("{ns} ns"), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// Where a capture lies that misses its round.
fn outside(first_ns: i64, last_ns: i64, start_ns: i64, end_ns: Option<i64>) -> String {
    let time = utc;
    if last_ns < start_ns {
        return format!(
            "its start ({}) lies after the capture's last packet ({}); correct `start`, a time zone may be wrong",
            time(start_ns),
            time(last_ns)
        );
    }
    let end = end_ns.map_or_else(|| "its end".to_owned(), |end| format!("its end ({})", time(end)));
    format!(
        "{end} lies before the capture's first packet ({}); correct `start` or `duration_s`, a time zone may be wrong",
        time(first_ns)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caveat_names_its_round_and_reads_back() {
        let caveat = Caveat::of_round(2, "03.pcap", Fact::CutOff { byte: 1234 });
        assert_eq!(
            caveat.to_string(),
            "round 3 (03.pcap) is left out: the file ends in mid-packet (byte 1234): the recording was cut off"
        );
        let text = serde_json::to_string(&caveat).unwrap();
        assert!(text.contains("\"kind\":\"cut_off\"") && text.contains("\"effect\":\"left_out\""), "{text}");
        assert_eq!(serde_json::from_str::<Caveat>(&text).unwrap(), caveat);
        let whole = Caveat::of_all(Fact::PlanUnproven { fault: PlanFault::NotFollowed { unit: 3 } });
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<Caveat>(&text).unwrap(), whole);
    }

    #[test]
    fn a_capture_that_misses_its_round_says_on_which_side() {
        let hour = 3_600_000_000_000;
        let late = Fact::OutsideRound { first_ns: 0, last_ns: hour, start_ns: 2 * hour, end_ns: None };
        assert!(
            late.to_string().starts_with("its start (1970-01-01 02:00:00 UTC) lies after the capture"),
            "{late}"
        );
        let early =
            Fact::OutsideRound { first_ns: 5 * hour, last_ns: 6 * hour, start_ns: 0, end_ns: Some(hour) };
        assert!(early.to_string().contains("lies before the capture's first packet"), "{early}");
    }

    #[test]
    fn every_kind_of_fact_stands_in_the_docs() {
        let (source, docs) = (include_str!("caveat.rs"), include_str!("../../../docs/audit.md"));
        let facts =
            source.split_once("pub enum Fact {").and_then(|(_, rest)| rest.split_once("\n}")).unwrap().0;
        let names = facts.lines().filter_map(|line| line.strip_prefix("    "));
        let names = names.filter(|line| line.starts_with(char::is_uppercase));
        let kinds: Vec<String> = names
            .map(|line| {
                let name = line.trim_end_matches([' ', '{', ',']);
                let snake =
                    |c: char| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.to_string() };
                name.chars().map(snake).collect::<String>().trim_start_matches('_').to_owned()
            })
            .collect();
        assert!(kinds.len() > 20, "{kinds:?}");
        for kind in kinds {
            assert!(docs.contains(&format!("| `{kind}` |")), "{kind} is not in docs/audit.md");
        }
    }
}
