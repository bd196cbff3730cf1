//! A campaign with one fault: the verdict is that of the clean one, or something that is known of the round at fault
//! stands beside it, or the run stops and names it.

#[path = "fixture/disk.rs"]
mod disk;

use disk::{Disk, ROUND_S, SECOND_NS, pcap};
use overhear::Error;
use overhear::caveat::{Caveat, Effect, Fact};
use overhear::experiment::audit::AuditResult;
use overhear::experiment::audit::result::Answer;
use overhear_traffic::observer::Observer;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;

/// Pairs of a campaign.
const PAIRS: u32 = 10;

#[derive(Debug, Clone, Copy)]
enum Fault {
    CutInAPacket,
    EndsEarly,
    BeginsLate,
    SetBack,
    SetForward,
    OneStampOff,
    Copied,
    CopiedAtAnotherTime,
    Overlapping,
    Missing,
    OtherHash,
    Empty,
    NotACapture,
    LateStart,
}

const FAULTS: [Fault; 14] = [
    Fault::CutInAPacket,
    Fault::EndsEarly,
    Fault::BeginsLate,
    Fault::SetBack,
    Fault::SetForward,
    Fault::OneStampOff,
    Fault::Copied,
    Fault::CopiedAtAnotherTime,
    Fault::Overlapping,
    Fault::Missing,
    Fault::OtherHash,
    Fault::Empty,
    Fault::NotACapture,
    Fault::LateStart,
];

impl Fault {
    /// Damages a round.
    fn inject(self, disk: &mut Disk, round: usize, rng: &mut ChaCha8Rng) {
        let n = disk.packets[round].len();
        let other = (round + 1 + rng.random_range(0..disk.packets.len() - 1)) % disk.packets.len();
        match self {
            Fault::CutInAPacket => {
                let bytes = pcap(&disk.packets[round]);
                let mut at = rng.random_range(24..bytes.len());
                // a file that ends between two packets is another fault
                while disk.packets[round]
                    .iter()
                    .scan(24, |end, p| {
                        *end += 16 + p.length.max(60);
                        Some(*end)
                    })
                    .any(|end| end == at)
                    || at == 24
                {
                    at += 1;
                }
                fs::write(disk.capture(round), &bytes[..at]).unwrap();
                disk.hash_again(round);
            }
            Fault::EndsEarly => {
                disk.packets[round].truncate(rng.random_range(0..n * 4 / 5));
                disk.record_again(round);
            }
            Fault::BeginsLate => {
                disk.packets[round].drain(..rng.random_range(n / 5..n));
                disk.record_again(round);
            }
            Fault::SetBack | Fault::SetForward => {
                let by = rng.random_range(2..3000) * SECOND_NS;
                let by = if matches!(self, Fault::SetBack) { -by } else { by };
                let from = rng.random_range(1..n - 1);
                disk.packets[round][from..].iter_mut().for_each(|packet| packet.time_ns += by);
                disk.record_again(round);
            }
            Fault::OneStampOff => {
                let by = rng.random_range(5..100_000) * SECOND_NS;
                let by = if rng.random() { -by } else { by };
                disk.packets[round][rng.random_range(1..n - 1)].time_ns += by;
                disk.record_again(round);
            }
            Fault::Copied => {
                fs::copy(disk.capture(other), disk.capture(round)).unwrap();
                disk.manifest.rounds[round].start = disk.manifest.rounds[other].start;
                disk.hash_again(round);
            }
            Fault::CopiedAtAnotherTime => {
                let by = disk.packets[round][0].time_ns - disk.packets[other][0].time_ns;
                disk.packets[round] = disk.packets[other].clone();
                disk.packets[round].iter_mut().for_each(|packet| packet.time_ns += by);
                disk.record_again(round);
            }
            Fault::Overlapping => {
                disk.manifest.rounds[round].duration_s = Some(ROUND_S * 3.0 + 1200.0);
                disk.write_manifest();
            }
            Fault::Missing => fs::remove_file(disk.capture(round)).unwrap(),
            Fault::OtherHash => {
                disk.manifest.rounds[round].sha256 = disk.manifest.rounds[other].sha256.clone();
                disk.write_manifest();
            }
            Fault::Empty => {
                disk.packets[round].clear();
                disk.record_again(round);
            }
            Fault::NotACapture => {
                fs::write(disk.capture(round), "these are not the packets you are looking for").unwrap();
                disk.hash_again(round);
            }
            Fault::LateStart => {
                disk.packets[round].iter_mut().for_each(|packet| packet.time_ns -= 3600 * SECOND_NS);
                disk.record_again(round);
            }
        }
    }
}

fn names(caveats: &[Caveat], round: usize) -> bool {
    let of_two = |fact: &Fact| matches!(fact, Fact::SamePackets { other, .. } if *other == round + 1);
    caveats.iter().any(|caveat| caveat.round == Some(round + 1) || of_two(&caveat.fact))
}

/// One campaign, one fault; the fault that was not noticed and changed the answer.
fn unnoticed(seed: u64) -> Option<String> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let effect = if rng.random() { 400 } else { 0 };
    let mut disk = Disk::new(PAIRS, effect, seed);
    let clean = disk.quick().unwrap();
    let round = rng.random_range(0..disk.packets.len());
    let fault = FAULTS[seed as usize % FAULTS.len()];
    fault.inject(&mut disk, round, &mut rng);
    let same = |result: &AuditResult| result.findings[0].answer == clean.findings[0].answer;
    match disk.quick() {
        Ok(result) if names(&result.caveats, round) => None,
        Ok(result) if same(&result) => {
            // what is known to be wrong is said, even where the answer stands
            let may_be_silent = matches!(fault, Fault::SetForward | Fault::EndsEarly | Fault::BeginsLate);
            (!may_be_silent).then(|| format!("seed {seed}: {fault:?} in round {} is not named", round + 1))
        }
        Err(Error::NothingLeft { caveats, .. }) if names(&caveats, round) => None,
        Ok(result) => Some(format!(
            "seed {seed}: {fault:?} in round {}: {:?} became {:?}",
            round + 1,
            clean.findings[0].answer,
            result.findings[0].answer
        )),
        Err(error) => Some(format!("seed {seed}: {fault:?} in round {}: {error}", round + 1)),
    }
}

#[test]
fn a_fault_is_named_or_changes_nothing() {
    let found: Vec<String> = (0..200).filter_map(unnoticed).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The long run whose result stands in docs/audit.md: `cargo test --release -p overhear --test faults -- --ignored`.
#[test]
#[ignore = "some minutes"]
fn a_fault_is_named_or_changes_nothing_in_five_thousand_campaigns() {
    use rayon::prelude::*;
    let found: Vec<String> = (0..5000u64).into_par_iter().filter_map(unnoticed).collect();
    assert!(found.is_empty(), "{} of 5000:\n{}", found.len(), found.join("\n"));
}

fn effect_of(result: &AuditResult, round: usize) -> Vec<Effect> {
    result.caveats.iter().filter(|c| c.round == Some(round + 1)).map(|c| c.effect).collect()
}

// V1
#[test]
fn rounds_of_one_long_capture_are_read_from_start_to_end() {
    let apart = Disk::new(PAIRS, 400, 1);
    let mut together = Disk::new(PAIRS, 400, 1);
    let mut all = together.packets.concat();
    all.sort_by_key(|packet| packet.time_ns);
    fs::write(together.path().join("all.pcap"), pcap(&all)).unwrap();
    for round in &mut together.manifest.rounds {
        (round.capture, round.sha256) = ("all.pcap".into(), None);
    }
    together.write_manifest();
    let [apart, together] = [apart, together].map(|disk| disk.quick().unwrap());
    assert_eq!(together.findings[0].answer, Answer::Leak);
    assert_eq!(
        serde_json::to_value(&apart.findings).unwrap(),
        serde_json::to_value(&together.findings).unwrap()
    );
    assert_eq!(apart.scope.hours, together.scope.hours);
    assert!((together.scope.hours - f64::from(2 * PAIRS) * ROUND_S / 3600.0).abs() < 1e-9);
}

// V2
#[test]
fn one_stamp_a_day_ahead_changes_no_window() {
    let clean = Disk::new(PAIRS, 0, 2);
    let mut off = Disk::new(PAIRS, 0, 2);
    for round in 0..off.packets.len() {
        if off.manifest.rounds[round].condition == "talk" {
            off.packets[round][40].time_ns += 86_400 * SECOND_NS;
            off.record_again(round);
        }
    }
    let [clean, off] = [clean, off].map(|disk| disk.quick().unwrap());
    assert_eq!(clean.findings[0].answer, off.findings[0].answer);
    let outliers =
        off.caveats.iter().filter(|c| matches!(c.fact, Fact::ClockOutliers { packets: 1 })).count();
    assert_eq!(outliers, PAIRS as usize);
    assert_eq!(clean.scope.hours, off.scope.hours);
}

// V4
#[test]
fn recordings_that_were_cut_off_are_no_leak() {
    let mut disk = Disk::new(PAIRS, 0, 3);
    for round in 0..disk.packets.len() {
        if disk.manifest.rounds[round].condition == "talk" {
            let n = disk.packets[round].len();
            disk.packets[round].truncate(n / 5);
            disk.record_again(round);
        }
    }
    match disk.quick() {
        Err(Error::NothingLeft { caveats, condition }) => {
            assert_eq!(condition.as_deref(), Some("quiet"));
            let cut = caveats.iter().filter(|c| matches!(c.fact, Fact::Partial { few: false, .. })).count();
            assert!(cut >= PAIRS as usize - 2, "{cut}");
        }
        other => panic!("{:?}", other.map(|result| result.findings[0].answer)),
    }
}

// V4
#[test]
fn a_clock_set_back_in_a_placed_round_leaves_it_out_and_begins_a_stretch_elsewhere() {
    let mut disk = Disk::new(PAIRS, 0, 4);
    disk.packets[3][50..].iter_mut().for_each(|packet| packet.time_ns -= 30 * SECOND_NS);
    disk.record_again(3);
    assert_eq!(effect_of(&disk.quick().unwrap(), 3), [Effect::LeftOut]);
    for round in &mut disk.manifest.rounds {
        (round.start, round.duration_s) = (None, None);
    }
    disk.write_manifest();
    assert_eq!(effect_of(&disk.quick().unwrap(), 3), [Effect::Noted]);
}

// V5
#[test]
fn repeated_rounds_and_singles_are_named_and_not_counted() {
    let mut disk = Disk::new(PAIRS, 0, 5);
    let mut repeat = disk.manifest.rounds[1].clone();
    repeat.start = Some("2026-11-03T01:00:00Z".parse().unwrap());
    repeat.capture = "repeat.pcap".into();
    repeat.sha256 = None;
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let packets = disk::packets(disk::FIRST_NS + (24 * 3600 + 1800) * SECOND_NS, 0, &mut rng);
    fs::write(disk.path().join("repeat.pcap"), pcap(&packets)).unwrap();
    disk.manifest.rounds.push(repeat);
    disk.manifest.rounds.remove(0);
    disk.write_manifest();
    let result = disk.quick().unwrap();
    assert_eq!(result.scope.units, PAIRS as usize - 1);
    let last = disk.manifest.rounds.len() - 1;
    assert!(matches!(result.left_out(last), Some(Fact::Repeat { .. })));
    assert!(matches!(result.left_out(0), Some(Fact::NoPartner { .. })));
    let hours = f64::from(2 * (PAIRS - 1)) * ROUND_S / 3600.0;
    assert!((result.scope.hours - hours).abs() < 1e-9, "{} for {hours}", result.scope.hours);
}

// V6
#[test]
fn hours_and_packets_both_leave_settling_time_out() {
    let mut disk = Disk::new(PAIRS, 0, 6);
    disk.manifest.rounds.iter_mut().for_each(|round| round.drop_s = Some(30.0));
    disk.write_manifest();
    let result = disk.quick().unwrap();
    let expected = f64::from(2 * PAIRS) * (ROUND_S - 30.0) / 3600.0;
    assert!((result.scope.hours - expected).abs() < 1e-9);
    for (index, round) in result.schedule.iter().enumerate() {
        let settled = disk.packets[index][0].time_ns.div_euclid(SECOND_NS);
        let start = round.start_ns.unwrap() + 30 * SECOND_NS;
        let counted = disk.packets[index].iter().filter(|packet| packet.time_ns >= start).count();
        assert_eq!(round.packets, counted as u64, "round {index} from {settled}");
    }
}

// S2
#[test]
fn one_capture_in_several_units_is_one() {
    let mut disk = Disk::new(4, 400, 7);
    for round in 0..disk.packets.len() {
        // every round of a condition is the same file, and nothing says when it was
        let first =
            disk.manifest.rounds.iter().position(|r| r.condition == disk.manifest.rounds[round].condition);
        let capture = disk.manifest.rounds[first.unwrap()].capture.clone();
        let own = &mut disk.manifest.rounds[round];
        (own.capture, own.start, own.duration_s, own.sha256) = (capture, None, None, None);
    }
    disk.write_manifest();
    let result = disk.quick().unwrap();
    assert_eq!(result.scope.units, 1);
    assert_ne!(result.findings[0].answer, Answer::Leak);
    let same = result.caveats.iter().filter(|c| matches!(c.fact, Fact::SamePackets { .. })).count();
    assert_eq!(same, 6);
}

// S2, V1
#[test]
fn the_same_packets_under_two_conditions_are_used_under_neither() {
    let mut disk = Disk::new(PAIRS, 0, 8);
    let quiet = disk.manifest.rounds.iter().position(|round| round.condition == "quiet").unwrap();
    let talk = disk.manifest.rounds.iter().rposition(|round| round.condition == "talk").unwrap();
    fs::copy(disk.capture(quiet), disk.capture(talk)).unwrap();
    let start = disk.manifest.rounds[quiet].start;
    (disk.manifest.rounds[talk].start, disk.manifest.rounds[quiet].duration_s) = (start, None);
    disk.manifest.rounds[talk].duration_s = None;
    disk.hash_again(talk);
    let result = disk.quick().unwrap();
    for round in [quiet, talk] {
        assert!(matches!(result.left_out(round), Some(Fact::SamePackets { same_condition: false, .. })));
    }
}

// S5
#[test]
fn a_device_that_is_silent_when_it_is_quiet_leaks() {
    let mut disk = Disk::new(16, 0, 9);
    for round in 0..disk.packets.len() {
        if disk.manifest.rounds[round].condition == "quiet" {
            // too few packets for one window of twenty, or none at all
            let keep = if round % 4 < 2 { 0 } else { 12 };
            let n = disk.packets[round].len();
            let step = n.div_ceil(keep.max(1));
            let sparse = disk.packets[round].iter().step_by(step).take(keep).copied().collect();
            disk.packets[round] = sparse;
            disk.record_again(round);
        }
    }
    for windowing in ["n=20", "t=15"] {
        let result = disk.audit(&[Observer::Gateway], &[windowing]).unwrap();
        let finding = &result.findings[0];
        assert_eq!(result.scope.units, 16, "{windowing}: no round is left out");
        assert_eq!(finding.answer, Answer::Leak, "{windowing}: {:?}, p = {}", finding.reason, finding.p);
        for h in &finding.horizons {
            let told: u64 = h.confusion.iter().flatten().sum();
            assert!(told >= 32, "{windowing}, {}: every round is an observation", h.horizon);
        }
    }
    let result = disk.audit(&[Observer::Gateway], &["n=20"]).unwrap();
    assert!(result.caveats.iter().any(|c| matches!(c.fact, Fact::NoWindow { rounds: 16, .. })));
    assert!(result.caveats.iter().any(|c| matches!(c.fact, Fact::Silent { .. })));
}

// S5, V5
#[test]
fn losses_that_go_with_a_condition_cap_the_answer() {
    let capped = |lost: &dyn Fn(usize, &str) -> bool| {
        let disk = Disk::new(PAIRS, 0, 10);
        for (index, round) in disk.manifest.rounds.iter().enumerate() {
            if lost(index, &round.condition) {
                fs::remove_file(disk.capture(index)).unwrap();
            }
        }
        let result = disk.quick().unwrap();
        result.caveats.iter().any(|c| matches!(&c.fact, Fact::LossesWithCondition { condition, lost: 5, of: 10, .. } if condition == "talk"))
    };
    assert!(capped(&|index, condition| index < 10 && condition == "talk"), "five of talk, none of quiet");
    assert!(!capped(&|index, _| index < 4), "two of each");
}

// S1
#[test]
fn captures_whose_clocks_begin_at_nothing_are_no_evidence_of_an_order() {
    use overhear::experiment::audit::result::{Order, Pattern};
    let mut disk = Disk::new(PAIRS, 400, 13);
    for round in 0..disk.packets.len() {
        // some begin a little later than their capture
        let first_ns = disk.packets[round][0].time_ns - 100_000_000 * (round as i64 % 7);
        disk.packets[round].iter_mut().for_each(|packet| packet.time_ns -= first_ns);
        (disk.manifest.rounds[round].start, disk.manifest.rounds[round].duration_s) = (None, None);
        disk.record_again(round);
    }
    let result = disk.quick().unwrap();
    let finding = &result.findings[0];
    assert!(
        matches!(finding.order, Order::WithTime { pattern: Pattern::NoClock, .. }),
        "{:?}",
        finding.order
    );
    assert_eq!(finding.answer, Answer::Inconclusive);
}

// V11
#[test]
fn units_of_one_schedule_are_compared_in_pairs() {
    use overhear::experiment::audit::compare;
    use overhear::experiment::audit::gate::{GateDecision, compared, worst};
    let [old, new] = [0, 400].map(|effect| Disk::new(PAIRS, effect, 14).quick().unwrap());
    let rises = compare(&old, &new);
    assert!(!rises.is_empty() && rises.iter().all(|rise| rise.paired_units == PAIRS as usize), "{rises:?}");
    assert_eq!(worst(&compared((&old, &new), &rises, 0.05, None)), GateDecision::Above);
    let back = compared((&new, &old), &compare(&new, &old), 0.05, None);
    assert_ne!(worst(&back), GateDecision::Above, "less than before");
    assert_eq!(worst(&compared((&old, &new), &[], 0.05, None)), GateDecision::Inconclusive);
}

// V10, V17
#[test]
fn a_device_that_no_capture_holds_stops_the_run() {
    let mut disk = Disk::new(PAIRS, 0, 10);
    disk.manifest.device.address = Some("02:00:00:00:00:99".parse().unwrap());
    disk.write_manifest();
    let error = disk.quick().unwrap_err();
    assert!(matches!(error, Error::NoDevice { captures: 20, .. }), "{error}");
}

// H4
#[test]
fn all_observers_from_one_read_find_what_each_finds_alone() {
    let disk = Disk::new(PAIRS, 400, 11);
    let together = disk.audit(&Observer::ALL, &["t=15"]).unwrap();
    for (place, observer) in Observer::ALL.into_iter().enumerate() {
        let alone = disk.audit(&[observer], &["t=15"]).unwrap();
        let (one, all) = (&alone.findings[0], &together.findings[place]);
        assert_eq!(one.p_alone, all.p_alone, "{observer}");
        assert!(all.p >= one.p, "{observer}: what all share is no smaller");
        for (one, all) in one.horizons.iter().zip(&all.horizons) {
            assert_eq!(one.balanced_accuracy, all.balanced_accuracy, "{observer}");
        }
    }
}

// S1
#[test]
fn a_plan_that_was_drawn_before_and_followed_proves_the_order() {
    use overhear::caveat::PlanFault;
    use overhear::experiment::audit::result::Order;
    use overhear::schedule::{Design, Schedule};
    let mut disk = Disk::new(PAIRS, 400, 12);
    let design = Design {
        units: PAIRS,
        round: std::time::Duration::from_secs_f64(ROUND_S),
        pause: std::time::Duration::from_secs(60),
        drop: std::time::Duration::ZERO,
        days: 1,
        conditions: ["quiet", "talk"].map(str::to_owned).to_vec(),
        seed: 12,
    };
    let mut named = |seed: u64, drawn: Option<&str>| {
        let plan = Schedule::draw(&Design { seed, ..design.clone() }).unwrap();
        let text = plan.to_toml(("", None), None, drawn.map(|time| time.parse().unwrap()));
        let path = disk.path().join("plan.toml");
        fs::write(&path, text).unwrap();
        let sha256 = overhear::campaign::sha256_of(&path).unwrap();
        disk.manifest.plan = Some(overhear::campaign::PlanEntry { file: "plan.toml".into(), sha256 });
        disk.write_manifest();
        disk.quick().unwrap()
    };
    let fault = |result: &AuditResult| {
        result.caveats.iter().find_map(|c| match &c.fact {
            Fact::PlanUnproven { fault } => Some(fault.clone()),
            _ => None,
        })
    };
    let proven = named(12, Some("2026-11-01T08:00:00Z"));
    assert!(matches!(proven.findings[0].order, Order::Drawn { .. }), "{:?}", fault(&proven));
    assert_eq!(fault(&named(12, Some("2026-11-03T08:00:00Z"))), Some(PlanFault::TooLate));
    assert_eq!(fault(&named(12, None)), Some(PlanFault::Undated));
    assert!(matches!(fault(&named(13, Some("2026-11-01T08:00:00Z"))), Some(PlanFault::NotFollowed { .. })));
    let other = named(13, Some("2026-11-01T08:00:00Z"));
    assert!(matches!(other.findings[0].order, Order::LikeCoin { .. }), "the coin is asked instead");
    fs::write(disk.path().join("plan.toml"), "seed = 1").unwrap();
    assert!(matches!(fault(&disk.quick().unwrap()), Some(PlanFault::Altered { .. })));
}
