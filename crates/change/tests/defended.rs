//! Defences in generated rounds: in memory, as a file, and as Wireshark reads the file.

mod captures;
#[path = "support/tried.rs"]
mod tried;

use captures::*;
use overhear_change::defence::{DEFENCES, Defended, Rates, Setting};
use overhear_synth::Generated;
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::trace;
use std::thread;
use tried::tried;

/// Each member at the settings of its default sweep; what has to be given something is.
fn members() -> Vec<Setting> {
    let far_end = Some([192, 0, 2, 10].into());
    DEFENCES.into_iter().flat_map(|entry| tried(entry, far_end)).collect()
}

fn change(setting: &Setting) -> Defended {
    let (_, plan) = round();
    Defended::new(std::slice::from_ref(setting), Rates::default(), 1, plan.index as u64)
}

#[test]
fn a_file_of_a_defended_round_is_seen_as_the_round_defended_in_memory() {
    for setting in members() {
        let path = written("defended.pcapng", &mut change(&setting));
        let (of_file, found) = seen(|view, each| {
            trace::read_all(&mut CaptureReader::open(&path).expect("a capture"), view, each).expect("whole")
        });
        let (settings, plan) = round();
        let (directly, expected) = seen(|view, each| {
            let mut frames = Generated { settings: &settings, plan: &plan };
            trace::read_changed(&mut frames, view, &mut change(&setting), each).expect("nothing is damaged")
        });
        assert!(of_file.len() > 500, "{setting}");
        assert!(of_file == directly, "{setting}");
        assert_eq!((&found.seen, found.events), (&expected.seen, expected.events), "{setting}");
        // no packet that was added passes for a copy of another
        assert_eq!(found.copies.copies, 0, "{setting}");
    }
}

#[test]
fn tshark_finds_nothing_malformed_in_a_defended_round() {
    let members = members();
    let check = |half: usize| {
        let name = format!("tshark-defended-{half}.pcapng");
        members.iter().skip(half).step_by(2).all(|setting| {
            let path = written(&name, &mut change(setting));
            is_well_formed(&path, &setting.to_string())
        })
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| check(1));
        // both halves say so where tshark is missing; what one finds fails the test
        check(0);
        if let Err(panic) = other.join() {
            std::panic::resume_unwind(panic);
        }
    });
}
