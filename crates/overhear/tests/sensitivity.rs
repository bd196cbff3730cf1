//! What an audit would have found: leaks of known size planted into generated rounds.

use overhear::assemble::{RoundSource, rounds_generated};
use overhear::engine::Engine;
use overhear::experiment::audit::view::{Look, Representation};
use overhear::experiment::audit::{self, Attackers, Gathered, GivenRound, Plan, Settings};
use overhear::experiment::planted::{self, Dealt};
use overhear::experiment::sensitivity::sensitivity;
use overhear_change::plant::{PLANTS, Plant};
use overhear_learn::learner::Configured;
use overhear_synth as synth;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use std::time::Duration;

fn rounds(pairs: u32) -> Vec<RoundSource> {
    let settings = synth::Settings {
        scenario: synth::Scenario::Crossover,
        effect: 0.0,
        pairs,
        round: Duration::from_secs(240),
        ..synth::Settings::default()
    };
    rounds_generated(&settings).unwrap()
}

fn look() -> Look {
    Look {
        device: overhear::generate::device(),
        observers: vec![Observer::Gateway],
        representation: Representation::of_windows(&["t=15".parse().unwrap()], FeatureSet::FULL),
    }
}

fn settings() -> Settings {
    let learners = ["knn", "decision_tree"].map(|name| Configured::new(name, &[]).unwrap()).to_vec();
    Settings {
        attackers: Attackers::of(learners).unwrap(),
        repetitions: 2,
        ..Settings::default_of(1).unwrap()
    }
}

fn gathered(rounds: Vec<RoundSource>) -> Gathered {
    let given = rounds.into_iter().map(|source| GivenRound { source, facts: Vec::new() }).collect();
    let Look { device, observers, representation } = look();
    let plan = Plan {
        name: "speaker",
        device,
        observers: &observers,
        representation: &representation,
        generated: None,
        order: None,
    };
    audit::gather(given, &plan, &Engine::silent()).unwrap()
}

#[test]
fn a_large_upload_is_a_leak_and_nothing_is_none() {
    let quiet: Vec<RoundSource> = rounds(20).into_iter().filter(|round| round.place % 2 == 0).collect();
    let of = |text: &str| {
        let plant: Plant = text.parse().unwrap();
        let settings = Settings { permutations: 199, ..settings() };
        planted::audited(planted::pairs_by_coin(&quiet, plant, 7), Dealt::ByCoin, &look(), &settings).unwrap()
    };
    let (large, nothing) = (of("upload:20"), of("upload:0"));
    assert!(large.leak && large.p <= 0.01, "{large:?}");
    assert!(!nothing.leak && nothing.p > 0.01, "{nothing:?}");
}

#[test]
fn the_smallest_dose_is_found_and_remembered() {
    let kept = tempfile::tempdir().unwrap();
    let gathered = gathered(rounds(20));
    let upload = [PLANTS[0]];
    let find = || {
        sensitivity(&gathered, &upload, &settings(), Some(kept.path()), &Engine::silent()).unwrap().unwrap()
    };
    let found = find();
    assert_eq!((found.pairs, found.kinds.len(), found.permutations), (10, 1, 199));
    let dose = found.kinds[0].dose.expect("100 kB/s is found");
    assert!(dose < 50.0, "{dose}");
    assert_eq!(
        found.kinds[0].at(0.3),
        "0.3 kB/s more from the device to its busiest far end, at random times"
    );
    let files: Vec<_> = std::fs::read_dir(kept.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    // what is kept is what is given, without another look
    let text = std::fs::read_to_string(&files[0]).unwrap();
    std::fs::write(&files[0], text.replace(&format!("\"dose\": {dose:?}"), "\"dose\": 77.0")).unwrap();
    assert_eq!(find().kinds[0].dose, Some(77.0));
    // other settings are another question
    let others = Settings { repetitions: 3, ..settings() };
    let again =
        sensitivity(&gathered, &upload, &others, Some(kept.path()), &Engine::silent()).unwrap().unwrap();
    assert_ne!(again.kinds[0].dose, Some(77.0));
}

#[test]
fn too_few_rounds_are_not_tried() {
    let few = gathered(rounds(6));
    assert!(sensitivity(&few, &PLANTS, &settings(), None, &Engine::silent()).unwrap().is_none());
}
