//! Defences in generated rounds: in memory, as a file, and as Wireshark reads the file.

mod captures;

use captures::*;
use overhear_change::defence::{DEFENCES, Defended, Parameter, Rates, Setting, Takes};
use overhear_synth::Generated;
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::trace;

/// Each member as it is by default.
fn members() -> Vec<Setting> {
    let needs = |own: &Parameter| match own.takes {
        Takes::Number { .. } => None,
        Takes::Addresses => Some(format!("{}=192.0.2.10", own.name)),
        Takes::Lengths => Some(format!("{}=100+300+300+900+1500", own.name)),
        Takes::Texts { .. } if own.name == "sets" => Some("sets=0/100/40/50".to_owned()),
        // the server's machine of maybenot_machines::break_pad
        Takes::Texts { .. } => Some(format!(
            "{}=02eNr7fYeVAQwe2DPAAAsQMzIyMjA0IMRAgJGJkcN0k6NVvtRnew8h56l6LxkdGDAAIyMTpk5GZClksxkZmaFsqBps4APcNEY2CC3gEJrkuvao0yN7dBUM2IyFWAYAJ3gUkA==",
            own.name
        )),
    };
    let typed = DEFENCES.iter().map(|entry| {
        let given: Vec<String> = entry.parameters.iter().filter_map(needs).collect();
        format!("{}{}{}", entry.name, if given.is_empty() { "" } else { ":" }, given.join(","))
    });
    typed.map(|text| text.parse().expect("in range")).collect()
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
    for setting in members() {
        let path = written("tshark-defended.pcapng", &mut change(&setting));
        if !is_well_formed(&path, &setting.to_string()) {
            return;
        }
    }
}
