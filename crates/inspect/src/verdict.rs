//! From a device's evidence to what it is.

use super::address::Use;
use super::device::{Conflict, Seen};
use super::evidence::Kind;
use super::maker::{self, Maker};
use super::report::{AddressUse, DeviceReport, Evidence, Role, Sureness};
use super::rule::{self, Ecosystem};
use overhear_traffic::packet::Device;
use std::collections::BTreeMap;

/// A fact before it is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Where it comes from.
    pub kind: Kind,
    /// What was seen.
    pub value: String,
    /// How often.
    pub count: u64,
    /// The rhythm's length, seconds.
    pub period_s: Option<f64>,
}

/// Judges a device by its facts.
pub fn judge(seen: &Seen, facts: Vec<Fact>, conflicts: &[Conflict]) -> DeviceReport {
    let mac = if let Device::Mac(mac) = seen.device { Some(mac) } else { None };
    let maker = mac.and_then(maker::of);
    let role = if seen.relays() || seen.serves_addresses { Role::Gateway } else { Role::Host };
    let mut evidence = weigh(facts);
    evidence.extend(maker.map(of_maker));
    let by_weight = |e: &Evidence| (-e.speaker_points.abs(), -e.ecosystem_points, e.kind, -(e.count as i64));
    evidence.sort_by(|a, b| by_weight(a).cmp(&by_weight(b)).then_with(|| a.value.cmp(&b.value)));
    let verdict = Verdict::of(&evidence, role);
    let model = evidence.iter().find(|e| e.kind == Kind::Model).map(|e| e.value.clone());
    DeviceReport {
        device: seen.device,
        role,
        maker: maker.map(|maker| maker.name),
        address_kind: mac.map(maker::address_kind),
        packets: seen.sent + seen.received,
        sent_packets: seen.sent,
        received_packets: seen.received,
        ip_packets: seen.counts.ip_packets(),
        bytes: seen.sent_bytes + seen.received_bytes,
        sent_bytes: seen.sent_bytes,
        received_bytes: seen.received_bytes,
        first_ns: seen.first_ns,
        last_ns: seen.last_ns,
        protocols: seen.counts.by_protocol(),
        applications: seen.counts.by_application(),
        addresses: seen.own_addresses(conflicts),
        address_uses: seen.uses.all().iter().map(address_use).collect(),
        endpoints: Vec::new(),
        timeline: seen.timeline.clone(),
        is_speaker: verdict.sureness >= Sureness::Likely,
        sureness: verdict.sureness,
        speaker_points: verdict.points,
        ecosystem: verdict.ecosystem,
        ecosystem_points: verdict.by_ecosystem,
        model,
        evidence,
    }
}

fn address_use(own: &Use) -> AddressUse {
    let Use { address, from_ns: first_ns, to_ns: last_ns, packets, is_passed_on, .. } = *own;
    AddressUse { address, first_ns, last_ns, packets, is_passed_on }
}

/// Lets every rule count once: at the fact seen most often among those it applies to, and a fact under
/// the strongest rule that it is the first for.
fn weigh(mut facts: Vec<Fact>) -> Vec<Evidence> {
    facts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (a.kind, &a.value).cmp(&(b.kind, &b.value))));
    let mut evidence: Vec<Evidence> = facts.into_iter().map(unweighed).collect();
    for rule in rule::all() {
        let applies = |e: &&mut Evidence| rule.applies(e.kind, &e.value, e.period_s);
        let Some(e) = evidence.iter_mut().find(applies) else { continue };
        // one fact may meet a rule on the host and another on its domain: the stronger one counts
        let stronger =
            rule.ecosystem_points > e.ecosystem_points || rule.speaker_points.abs() > e.speaker_points.abs();
        if stronger {
            e.speaks_for = rule.ecosystem.or(e.speaks_for);
            e.ecosystem_points = e.ecosystem_points.max(rule.ecosystem_points);
            if rule.speaker_points.abs() > e.speaker_points.abs() {
                e.speaker_points = rule.speaker_points;
            }
            rule.meaning.clone_into(&mut e.meaning);
        }
    }
    evidence
}

fn unweighed(fact: Fact) -> Evidence {
    Evidence {
        kind: fact.kind,
        value: fact.value,
        count: fact.count,
        period_s: fact.period_s,
        speaks_for: None,
        ecosystem_points: 0,
        speaker_points: 0,
        meaning: String::new(),
    }
}

fn of_maker(maker: Maker) -> Evidence {
    Evidence {
        kind: Kind::Maker,
        value: maker.name.to_owned(),
        count: 1,
        period_s: None,
        speaks_for: maker.ecosystem,
        ecosystem_points: if maker.ecosystem.is_some() { 2 } else { 0 },
        speaker_points: maker.speaker_points,
        meaning: "maker of its address block".to_owned(),
    }
}

/// Evidence of so few points is what a maker's other products give as well: a Cast dongle, a television.
const WEAK: i32 = 2;
/// So much it counts together, with the maker's address block: never enough to make a speaker likely.
const WEAK_TOGETHER: i32 = 3;

/// The points for a smart speaker, and against.
fn speaker_points(evidence: &[Evidence]) -> i32 {
    let is_weak = |e: &&Evidence| e.kind == Kind::Maker || (1..=WEAK).contains(&e.speaker_points);
    let (weak, strong): (Vec<&Evidence>, Vec<&Evidence>) = evidence.iter().partition(is_weak);
    let sum = |some: &[&Evidence]| some.iter().map(|e| e.speaker_points).sum::<i32>();
    sum(&weak).min(WEAK_TOGETHER) + sum(&strong)
}

/// What the points come to.
struct Verdict {
    sureness: Sureness,
    points: i32,
    ecosystem: Option<Ecosystem>,
    by_ecosystem: BTreeMap<Ecosystem, i32>,
}

impl Verdict {
    fn of(evidence: &[Evidence], role: Role) -> Verdict {
        let mut by_ecosystem = BTreeMap::new();
        for e in evidence {
            if let Some(ecosystem) = e.speaks_for {
                *by_ecosystem.entry(ecosystem).or_insert(0) += e.ecosystem_points;
            }
        }
        // the first of equals: the order is the register's
        let most = by_ecosystem.iter().map(|(ecosystem, points)| (*points, *ecosystem));
        let ecosystem = most.reduce(|a, b| if b.0 > a.0 { b } else { a }).map(|(_, ecosystem)| ecosystem);
        let points = speaker_points(evidence);
        // what a gateway passes on is not its own
        let sureness = if role == Role::Gateway { Sureness::None } else { Sureness::of_points(points) };
        Verdict { sureness, points, ecosystem, by_ecosystem }
    }
}

impl Sureness {
    fn of_points(points: i32) -> Sureness {
        match points {
            8.. => Sureness::Certain,
            4..8 => Sureness::Likely,
            2..4 => Sureness::Possible,
            _ => Sureness::None,
        }
    }
}
