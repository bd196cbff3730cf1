//! The paper's claims against the fixture: decided by their rules, undecided where the run lacks the numbers.

mod fixture;

use overhear::experiment::paper::{PaperResult, Quantity};
use overhear::report::claims::{Claim, Holds, claims};

fn claim(result: &PaperResult, id: &str) -> Claim {
    claims(result).into_iter().find(|c| c.id == id).unwrap_or_else(|| panic!("no claim {id}"))
}

#[test]
fn the_fixture_decides_every_claim_as_made() {
    let expected = [
        ("length_off_on", Holds::Holds),
        ("tcp_window_off_on", Holds::Holds),
        ("length_noise", Holds::Holds),
        ("tcp_window_noise", Holds::Holds),
        ("no_strong_correlations", Holds::Holds),
        ("length_ttl_noise", Holds::Holds),
        ("best_learner_off_on", Holds::DoesNot),
        ("traffic_needed_off_on", Holds::Holds),
        ("on_noise_easier", Holds::Holds),
        ("decision_tree_on_noise", Holds::Partly),
        ("confusion_diagonal", Holds::Holds),
        ("quickest_learners", Holds::Holds),
        ("slowest_learner", Holds::Holds),
        ("time_falls", Holds::Holds),
        ("network_flat", Holds::DoesNot),
        ("comparable_windows", Holds::Holds),
        ("top_features_off_on", Holds::Holds),
        ("top_features_on_noise", Holds::Partly),
    ];
    let found: Vec<(&str, Holds)> = claims(&fixture::full()).iter().map(|c| (c.id, c.holds)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_number_on_the_other_side_changes_the_decision() {
    let mut result = fixture::full();
    for mean in &mut result.means {
        if mean.condition == "mic_on_noise" && mean.quantity == Quantity::Length {
            mean.mean = Some(360.0);
        }
    }
    assert_eq!(claim(&result, "length_noise").holds, Holds::DoesNot);
    for cell in &mut result.cells {
        if cell.learner == "adaboost" && cell.windowing == "t=500" {
            cell.score.as_mut().expect("the fixture scores every cell").accuracy = 0.9999;
        }
    }
    assert_eq!(claim(&result, "best_learner_off_on").holds, Holds::Holds);
    for importance in &mut result.importances {
        importance.gini = importance.gini.map(|g| 1.0 - g);
    }
    assert_eq!(claim(&result, "top_features_off_on").holds, Holds::DoesNot);
}

#[test]
fn what_the_run_lacks_is_undecided() {
    let mut result = fixture::full();
    result.cells.retain(|c| c.learner != "adaboost");
    assert_eq!(claim(&result, "best_learner_off_on").holds, Holds::Undecided);
    assert_eq!(claim(&result, "slowest_learner").holds, Holds::Undecided);
    result.scope.windowings.retain(|w| w != "t=500");
    assert_eq!(claim(&result, "traffic_needed_off_on").holds, Holds::Undecided);
    for mean in &mut result.means {
        mean.mean = None;
    }
    assert_eq!(claim(&result, "length_noise").holds, Holds::Undecided);
    result.importances.clear();
    assert_eq!(claim(&result, "top_features_on_noise").holds, Holds::Undecided);
}

#[test]
fn other_conditions_leave_the_papers_claims_open() {
    let mut result = fixture::full();
    result.scope.tasks = vec![fixture::task("a", "b")];
    result.cells.clear();
    result.means.clear();
    result.correlations.clear();
    result.importances.clear();
    assert!(claims(&result).iter().all(|c| c.holds == Holds::Undecided && !c.by_construction));
}

#[test]
fn what_the_generator_was_calibrated_to_is_marked() {
    let mut result = fixture::full();
    assert!(claim(&result, "length_noise").by_construction);
    assert!(!claim(&result, "best_learner_off_on").by_construction);
    result.scope.generated = None;
    assert!(!claim(&result, "length_noise").by_construction);
}
