//! Sweeps over tables whose leak is known.

use super::ground::Ground;
use super::poison::Poisoned;
use super::result::{Budget, CHOSEN, Situation, TaskFound};
use super::{Settings, TrainingResult, run, windows};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::{Gathered, gather_table};
use crate::table::Labelled;
use overhear_learn::learner::{Configured, Training};
use overhear_learn::{Dataset, Matrix, Presort, Scaler};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use std::time::Duration;

/// Windows of a round.
const WINDOWS: usize = 20;

/// Rounds of two conditions whose windows differ by `leak` deviations in their packets, among noise; pairs, or captures that are
/// units of their own.
pub fn gathered(units: u32, leak: f64, paired: bool) -> Gathered {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut columns = vec![Vec::new(); 3];
    let (mut y, mut unit_of, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..2 * units {
        let class = round % 2;
        let level: f64 = 0.2 * rng.sample::<f64, _>(StandardNormal);
        for window in 0..WINDOWS {
            let mut noise = || rng.sample::<f64, _>(StandardNormal);
            columns[0].push(20.0 + f64::from(class) * leak + level + noise());
            columns[1].push(100.0 + noise());
            columns[2].push(noise());
            y.push(class);
            unit_of.push(if paired { round / 2 } else { round });
            starts.push((i64::from(round) * 3600 + window as i64 * 15) * 1_000_000_000);
        }
    }
    let data = Dataset {
        features: ["n_packets", "length_mean", "other"].map(str::to_owned).to_vec(),
        x: Matrix::from_columns(&columns).unwrap(),
        y,
        classes: ["quiet", "speech"].map(str::to_owned).to_vec(),
        units: Some(unit_of),
        starts_ns: Some(starts),
    };
    gather_table(&Labelled { data, folds: None, warnings: Vec::new() }, "world").unwrap()
}

fn settings() -> Settings {
    let learners = ["knn", "decision_tree"].map(|name| Configured::new(name, &[]).unwrap()).to_vec();
    Settings { learners, ..Settings::default_of(1).unwrap() }
        .with_shares(&[0.2, 0.4])
        .unwrap()
        .with_multiples(&[2, 10])
}

pub fn swept(gathered: &Gathered) -> TrainingResult {
    run(gathered, &settings(), &|| Duration::ZERO, &Engine::silent()).unwrap()
}

fn only(result: &TrainingResult) -> &TaskFound {
    let [task] = result.tasks.as_slice() else { panic!("two conditions") };
    task
}

/// Balanced accuracy over one window.
fn window(task: &TaskFound, share: f64, situation: Situation, sanitises: bool, learner: &str) -> f64 {
    task.poison_of(share, situation, sanitises, learner).unwrap().window.balanced_accuracy.value
}

#[test]
fn poison_of_a_strong_leak_is_sanitised_and_ends_with_the_defence() {
    use Situation::*;
    for paired in [true, false] {
        let result = swept(&gathered(16, 5.0, paired));
        let task = only(&result);
        assert_eq!((task.paired, task.folds), (paired, 4));
        for learner in ["knn", "decision_tree"] {
            let at = |situation, sanitises| window(task, 0.4, situation, sanitises, learner);
            let clean = window(task, 0.0, HomeStopped, false, learner);
            assert!(clean > 0.97, "{learner}: {clean}");
            // five votes, each wrong with chance 0.4, are wrong in 0.317; a tree's leaf holds a window (0.6), its replay under the
            // other label (0.4), or both, which is a coin: (0.36 + 0.24 / 2) / 0.76
            let stopped = at(HomeStopped, false);
            let expected = if learner == "knn" { 0.683 } else { 0.632 };
            assert!((stopped - expected).abs() < 0.07, "{learner}: {stopped}");
            // who looks at poison as well is right about none of it but by luck
            assert!(at(HomeGoesOn, false) < stopped - 0.05, "{learner}: {}", at(HomeGoesOn, false));
            assert!(at(HomeStopped, true) > stopped + 0.1, "{learner}: {}", at(HomeStopped, true));
            assert_eq!(at(LabStopped, false), clean);
            assert!((at(LabGoesOn, false) - 0.6).abs() < 0.03, "{learner}: {}", at(LabGoesOn, false));
        }
        let cell = task.poison_of(0.4, HomeStopped, false, "decision_tree").unwrap();
        assert!(cell.window.worked && cell.window.fall.low > 0.2);
        assert!(!task.poison_of(0.4, LabStopped, false, CHOSEN).unwrap().window.worked);
        let without = task.poison.iter().filter(|cell| cell.share == 0.0);
        assert!(without.into_iter().all(|cell| cell.window.fall.value == 0.0 && !cell.window.worked));
        // a whole round of it is told all the same
        assert!(cell.round.balanced_accuracy.value > 0.8, "{:?}", cell.round);
        let [clean, _, found] = task.detection.as_slice() else { panic!("three shares") };
        assert!(clean.auc.is_none() && clean.recall.is_none() && clean.clean_left_out < 0.02);
        let auc = found.auc.unwrap();
        assert!(auc.low > 0.6 && auc.value < 0.9, "{auc:?}");
        assert!(found.precision.unwrap() > 0.5 && found.recall.unwrap() > 0.6, "{found:?}");
    }
}

#[test]
fn where_nothing_leaks_nothing_is_gained_or_lost() {
    let result = swept(&gathered(16, 0.0, true));
    let task = only(&result);
    for cell in &task.poison {
        assert!((cell.window.balanced_accuracy.value - 0.5).abs() < 0.1, "{cell:?}");
        assert!(!cell.window.worked, "{cell:?}");
    }
    for cell in &task.inflation {
        assert!((cell.window.balanced_accuracy.value - 0.5).abs() < 0.1, "{cell:?}");
    }
    for found in task.detection.iter().filter_map(|found| found.auc) {
        assert!(found.low < 0.5 && found.high > 0.5, "{found:?}");
    }
}

#[test]
fn more_of_the_same_does_not_harm_a_fixed_budget() {
    let result = swept(&gathered(16, 1.5, true));
    let task = only(&result);
    assert_eq!(task.multiples(), [1, 2, 10]);
    for learner in ["knn", "decision_tree", CHOSEN] {
        let cell = |multiple, budget| task.inflation_of(multiple, budget, learner).unwrap();
        for multiple in [2, 10] {
            let fixed = cell(multiple, Budget::Fixed);
            assert!(!fixed.window.worked && fixed.window.fall.value < 0.05, "{fixed:?}");
            assert_eq!(fixed.training_windows, cell(1, Budget::Everything).training_windows);
        }
        assert_eq!(cell(10, Budget::Everything).training_windows, 10.0 * 12.0 * 2.0 * WINDOWS as f64);
        assert_eq!(cell(1, Budget::Fixed).window, cell(1, Budget::Everything).window);
        assert_eq!(
            cell(1, Budget::Everything).window.balanced_accuracy,
            task.poison_of(0.0, Situation::LabStopped, false, learner).unwrap().window.balanced_accuracy
        );
    }
}

#[test]
fn no_poison_is_cross_validation_with_units_left_out() {
    let gathered = gathered(8, 1.5, true);
    let result = swept(&gathered);
    let settings = settings();
    let task = gathered.task(&gathered.conditions, 0, 1).unwrap();
    let table = windows(&task, None).unwrap();
    let engine = Engine::silent();
    let ground = Ground::new(&task, table, &settings, &engine).unwrap();
    let (x, y) = (&table.data.x, &table.data.y);
    let presort = Presort::new(x);
    let mut right = 0;
    for fold in 0..ground.n_folds {
        let (train, test) = (ground.without(&[fold]), ground.tested(fold));
        let scaler = Scaler::fit(x, &train);
        let training = Training { x, y, n_classes: 2, rows: &train, scaler: &scaler, presort: &presort };
        let model = settings.learners[0].learner().fit(&training, 1).unwrap();
        let predicted = model.predict(x, &test);
        right += predicted.iter().zip(&test).filter(|(p, row)| **p == y[**row as usize]).count();
    }
    let expected = right as f64 / y.len() as f64;
    let found = window(only(&result), 0.0, Situation::HomeGoesOn, false, "knn");
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}

#[test]
fn replays_are_of_the_other_condition_and_stay_on_their_side_of_the_split() {
    for paired in [true, false] {
        let (gathered, settings, engine) = (gathered(8, 1.0, paired), settings(), Engine::silent());
        let task = gathered.task(&gathered.conditions, 0, 1).unwrap();
        let ground = Ground::new(&task, windows(&task, None).unwrap(), &settings, &engine).unwrap();
        let poisoned = Poisoned::of(&ground).unwrap();
        let round = |row: usize| ground.table.round[row] as usize;
        for (row, of) in poisoned.replaced[2].iter().enumerate() {
            let Some(of) = of else { continue };
            let of = *of as usize;
            assert_ne!(ground.class(round(row)), ground.class(round(of)));
            assert_eq!(ground.fold(round(row)), ground.fold(round(of)));
            assert!(!paired || ground.unit(round(row)) == ground.unit(round(of)));
        }
        let count = |block: usize| poisoned.replaced[block].iter().flatten().count();
        assert_eq!([count(0), count(1), count(2)], [0, 16 * 4, 16 * 8]);
        let both = poisoned.replaced[1].iter().zip(&poisoned.replaced[2]);
        assert!(both.into_iter().all(|(less, more)| less.is_none() || less == more), "shares are nested");
        // labels are those of the time
        assert_eq!(poisoned.table.data.y[..ground.table.round.len()], ground.table.data.y);
        assert_eq!(poisoned.table.data.y[2 * ground.table.round.len()..], ground.table.data.y);
    }
}

#[test]
fn cost_is_of_bytes_and_hours() {
    let result = swept(&gathered(8, 0.0, true));
    let task = only(&result);
    // twenty windows of about 20 packets of 100 bytes in the 285 s from the first to the last
    let expected = 20.0 * 2000.0 / 1e6 * 86_400.0 / 285.0;
    let own = task.megabytes_per_day.unwrap();
    assert!((own / expected - 1.0).abs() < 0.05, "{own} {expected}");
    let replayed = task.detection[2].megabytes_per_day.unwrap();
    assert!((replayed / (0.4 * expected) - 1.0).abs() < 0.05, "{replayed}");
    let inflated = task.inflation_of(10, Budget::Everything, CHOSEN).unwrap();
    assert!((inflated.megabytes_per_day.unwrap() / (9.0 * own) - 1.0).abs() < 1e-9);
}

#[test]
fn threads_change_nothing() {
    let gathered = gathered(8, 1.0, true);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        serde_json::to_string(&pool.install(|| swept(&gathered))).unwrap()
    };
    let one = on(1);
    assert_eq!(one, on(3));
    let read: TrainingResult = serde_json::from_str(&one).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), one);
}

#[test]
fn what_cannot_be_measured_says_what_to_do() {
    let said = |settings: &Settings, units| {
        run(&gathered(units, 1.0, true), settings, &|| Duration::ZERO, &Engine::silent())
            .unwrap_err()
            .to_string()
    };
    let few = said(&settings(), 3);
    assert!(few.contains("3 units") && few.contains("record more rounds"), "{few}");
    let grouping = Some("t=15+full".parse().unwrap());
    let none = said(&Settings { grouping, ..settings() }, 4);
    assert!(none.contains("t=15+full") && none.contains("there are: table"), "{none}");
    assert!(said(&Settings { learners: Vec::new(), ..settings() }, 4).contains("knn:k=7"));
    for share in [0.5, -0.1, f64::NAN] {
        assert!(matches!(settings().with_shares(&[share]), Err(Error::PoisonShare { .. })));
    }
}
