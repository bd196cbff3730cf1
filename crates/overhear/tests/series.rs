//! What transforms make of stretches second by second, as attackers of an audit.

use overhear::Error;
use overhear::assemble::{RoundSource, rounds_generated};
use overhear::engine::Engine;
use overhear::experiment::audit::result::Answer;
use overhear::experiment::audit::view::Representation;
use overhear::experiment::audit::{self, Attackers, AuditResult, GivenRound, Plan, Settings};
use overhear::experiment::planted;
use overhear::generate;
use overhear_learn::learner::Configured;
use overhear_learn::sequence::TRANSFORMS;
use overhear_synth::{self as synth, Scenario};
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use std::time::Duration;

/// Generated pairs of three minutes, nothing between the conditions.
fn rounds(pairs: u32, seed: u64) -> Vec<RoundSource> {
    let settings = synth::Settings {
        scenario: Scenario::Crossover,
        pairs,
        round: Duration::from_secs(240),
        effect: 0.0,
        seed,
        ..synth::Settings::default()
    };
    rounds_generated(&settings).unwrap()
}

/// Audits with every transform and kNN.
fn audited(rounds: Vec<RoundSource>, observers: &[Observer]) -> Result<AuditResult, Error> {
    let given = rounds.into_iter().map(|source| GivenRound { source, facts: Vec::new() }).collect();
    let representation = Representation {
        windowings: vec!["t=15".parse().unwrap()],
        features: FeatureSet::PAPER,
        sequences: TRANSFORMS.iter().map(|entry| entry.name.parse().unwrap()).collect(),
    };
    let plan = Plan {
        name: "speaker",
        device: generate::device(),
        observers,
        representation: &representation,
        generated: None,
        order: None,
    };
    let engine = Engine::silent();
    let attackers = Attackers::of(vec![Configured::new("knn", &[])?])?;
    let settings = Settings {
        attackers,
        permutations: 99,
        repetitions: 1,
        background: false,
        controls: false,
        ..Settings::default_of(1)?
    };
    audit::run(&audit::gather(given, &plan, &engine)?, &settings, &|| Duration::ZERO, &engine)
}

#[test]
fn each_transform_attacks_by_ridge_at_every_horizon_that_holds_its_rows() {
    let result = audited(rounds(8, 3), &[Observer::Gateway, Observer::Tunnel]).unwrap();
    assert_eq!(result.findings.len(), 2);
    // what was looked at stands in the result, and with it in the report and the JSON
    let looked: Vec<String> = result.scope.sequences.iter().map(ToString::to_string).collect();
    assert_eq!(
        (looked, result.scope.learners),
        (
            ["cumul", "minirocket", "quant"].map(str::to_owned).to_vec(),
            vec!["knn".to_owned(), "ridge".to_owned()]
        )
    );
    for finding in &result.findings {
        let of_series = finding.statistics.iter().filter(|statistic| statistic.learner == "ridge");
        let found: Vec<String> = of_series.map(|s| format!("{} at {}", s.windowing, s.horizon)).collect();
        // a round has three minutes, of which the first and the last tenth are not looked at: no five minutes
        let expected: Vec<String> = ["cumul", "minirocket", "quant"]
            .iter()
            .flat_map(|name| {
                [
                    format!("{name}/1m at 1m"),
                    format!("{name}/1m at 5m"),
                    format!("{name}/1m at round"),
                    format!("{name}/round at round"),
                ]
            })
            .collect();
        assert_eq!(found, expected);
        assert!(finding.statistics.iter().any(|s| s.learner == "knn" && s.windowing.to_string() == "t=15"));
    }
}

#[test]
fn what_lies_in_the_order_of_seconds_is_found_by_series_alone() {
    let plant = "phase:20".parse().unwrap();
    let rounds = planted::in_condition(rounds(12, 5), "mic_on_noise", plant, 5);
    let result = audited(rounds, &[Observer::Gateway]).unwrap();
    let finding = &result.findings[0];
    let best = |is_series: bool| {
        let own = finding.statistics.iter().filter(|s| (s.learner == "ridge") == is_series);
        own.map(|s| s.balanced_accuracy).fold(0.0, f64::max)
    };
    assert!(best(true) > 0.7 && best(true) > best(false) + 0.1, "{} {}", best(true), best(false));
}

#[test]
fn nothing_between_the_conditions_is_no_leak_whatever_series_see() {
    let answers: Vec<Answer> = (0..4)
        .map(|seed| audited(rounds(8, 20 + seed), &[Observer::Gateway]).unwrap().findings[0].answer)
        .collect();
    assert!(answers.iter().all(|answer| *answer != Answer::Leak), "{answers:?}");
}
