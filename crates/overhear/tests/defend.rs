//! Defences on rounds whose leak is known: each takes away what it claims to, and nothing else.

use overhear::assemble::{RoundSource, Stack, rounds_generated};
use overhear::defence::{Ledger, Rates};
use overhear::engine::Engine;
use overhear::experiment::audit::result::Answer;
use overhear::experiment::audit::view::{Horizon, Representation, Vantage};
use overhear::experiment::audit::{self, Attackers, Gathered, GivenRound, Plan};
use overhear::experiment::defend::measure::Reached;
use overhear::experiment::defend::result::{Choice, Frontier, Point};
use overhear::experiment::defend::{self, Search, Settings};
use overhear::experiment::planted;
use overhear::progress::Progress;
use overhear::report;
use overhear_learn::learner::Configured;
use overhear_synth as synth;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Pairs of rounds of four minutes without an effect of their own.
fn rounds(pairs: u32) -> Vec<RoundSource> {
    let settings = synth::Settings {
        scenario: synth::Scenario::Crossover,
        effect: 0.0,
        day_effect: 0.0,
        drift: 0.0,
        pairs,
        round: Duration::from_secs(240),
        ..synth::Settings::default()
    };
    rounds_generated(&settings).unwrap()
}

fn gathered(rounds: Vec<RoundSource>, observers: &[Observer]) -> Gathered {
    let given = rounds.into_iter().map(|source| GivenRound { source, facts: Vec::new() }).collect();
    let plan = Plan {
        name: "speaker",
        device: overhear::generate::device(),
        observers,
        representation: &Representation::of_windows(&["t=15".parse().unwrap()], FeatureSet::FULL),
        generated: Some("for a test".to_owned()),
        order: None,
    };
    audit::gather(given, &plan, &Engine::silent()).unwrap()
}

/// The same with a plant in the rounds of the second condition.
fn leaking(pairs: u32, plant: &str, observers: &[Observer]) -> Gathered {
    let planted = planted::in_condition(rounds(pairs), "mic_on_noise", plant.parse().unwrap(), 3);
    gathered(planted, observers)
}

/// Few attackers, so that a dev build is done soon.
fn settings(stacks: &[&str]) -> Settings {
    let learners = |names: &[&str]| {
        Attackers::of(names.iter().map(|name| Configured::new(name, &[]).unwrap()).collect()).unwrap()
    };
    let audit = audit::Settings {
        attackers: learners(&["decision_tree", "knn"]),
        repetitions: 2,
        ..audit::Settings::default_of(1).unwrap()
    };
    Settings {
        stacks: stacks.iter().map(|stack| defend::parse(stack).unwrap()).collect(),
        sweep: learners(&["decision_tree", "knn"]),
        sweep_repetitions: 2,
        ..Settings::default_of(audit).unwrap()
    }
}

fn run(gathered: &Gathered, settings: &Settings) -> Frontier {
    defend::defend(gathered, settings, &|| Duration::ZERO, &Engine::silent()).unwrap()
}

fn at(reached: &[Reached], horizon: Horizon) -> f64 {
    reached.iter().find(|at| at.horizon == horizon).unwrap().balanced_accuracy.value
}

/// What the worst attacker who adapts reaches over a round.
fn left(point: &Point) -> f64 {
    at(&point.seen[0].worst(), Horizon::Round)
}

#[test]
fn padding_to_the_mtu_hides_lengths_and_not_times() {
    let lengths = leaking(16, "mixture:0.8", &[Observer::Tunnel]);
    let found = run(&lengths, &settings(&["pad-to-mtu", "normalise-ttl"]));
    assert!(
        at(&found.undefended[0].reached, Horizon::Round) > 0.9,
        "the plant leaks: {:?}",
        found.undefended
    );
    assert!(left(&found.points[0]) < 0.75, "nothing is left in lengths: {:?}", found.points[0]);
    assert!(left(&found.points[1]) > 0.9, "the tunnel shows no TTL: {:?}", found.points[1]);
    let more = leaking(16, "upload:0.5", &[Observer::Tunnel]);
    let found = run(&more, &settings(&["pad-to-mtu"]));
    assert!(left(&found.points[0]) > 0.9, "more packets stay more: {:?}", found.points[0]);
}

#[test]
fn a_constant_rate_leaves_nothing_for_a_tunnel() {
    let leaking = leaking(16, "upload:0.2", &[Observer::Tunnel]);
    // a rate that carries all there is
    let found = run(&leaking, &settings(&["constant-rate:size=1500,hz=20,always=1"]));
    assert!(at(&found.undefended[0].reached, Horizon::Round) > 0.9);
    let point = &found.points[0];
    assert!(left(point) < 0.7, "{point:?}");
    assert!(point.cost.mb_a_day() > 1_000.0 && point.cost.undefended_packets == 0, "{:?}", point.cost);
    assert!(matches!(&found.recommended[0].choice, Choice::None { nearest: None, .. }), "it costs too much");
}

#[test]
fn a_normalised_ttl_is_one_and_the_rest_stays() {
    let quiet = gathered(rounds(6), &[Observer::Gateway]);
    let stack = |text: &str| Stack {
        settings: defend::parse(text).unwrap(),
        rates: Rates { up_bits_per_s: None, down_bits_per_s: None },
        seed: 1,
        ledger: Ledger::default(),
    };
    let behind = |text: &str| quiet.defended(&stack(text), &[], &Engine::silent()).unwrap().unwrap();
    let (same, other) = (behind("port-hopping"), behind("normalise-ttl"));
    assert!(!same.is_as_seen(&other));
    let table = |gathered: &Gathered| {
        let task = gathered.windows_of(&quiet.conditions, 0).unwrap();
        task.features
            .iter()
            .cloned()
            .zip((0..task.x.n_columns()).map(|j| task.x.column(j).to_vec()))
            .collect::<Vec<_>>()
    };
    for ((name, before), (_, after)) in table(&same).into_iter().zip(table(&other)) {
        if name.contains("ttl") {
            let values: std::collections::BTreeSet<u64> = after.iter().map(|value| value.to_bits()).collect();
            assert!(values.len() <= 2, "{name}: one value, and that of silence: {values:?}");
        } else {
            assert_eq!(before, after, "{name}");
        }
    }
}

#[test]
fn what_an_observer_cannot_see_is_never_recommended_and_changes_nothing() {
    let leaking = leaking(16, "upload:0.5", &[Observer::Gateway, Observer::Wifi]);
    let found = run(&leaking, &settings(&["normalise-ttl", "reduce"]));
    assert_eq!(found.audit.findings.iter().map(|own| own.answer).collect::<Vec<_>>(), [Answer::Leak; 2]);
    let [ttl, reduce] = &found.points[..] else { panic!("two points") };
    assert_eq!(ttl.seen.iter().map(|seen| seen.is_seen).collect::<Vec<_>>(), [true, false]);
    assert!(reduce.seen.iter().all(|seen| seen.is_seen));
    assert_eq!(ttl.seen[1].retrained, found.undefended[1].reached, "for who sees no TTL nothing changed");
    let Choice::None { nearest: Some(nearest), .. } = &found.recommended[1].choice else {
        panic!("{:?}", found.recommended)
    };
    assert_eq!(nearest.names, ["reduce"]);
    let old = at(&ttl.seen[0].old, Horizon::Round);
    assert!(left(ttl) > 0.9, "the upload is not in the TTL: {}", left(ttl));
    assert!(old <= left(ttl), "who learns of a defence does no worse: {old}");
}

#[test]
fn the_cheapest_stack_that_holds_is_recommended() {
    let leaking = leaking(60, "mixture:0.8", &[Observer::Tunnel]);
    let mut own = settings(&["pad-to-mtu", "padme", "pad-to-mtu batch:ms=100"]);
    own.budget.mb_a_day = 1_000.0;
    let found = run(&leaking, &own);
    let Choice::Use { confirmed, p, failed } = &found.recommended[0].choice else {
        panic!("{:?} {:?}", found.recommended, found.points)
    };
    // padme leaves the lengths to be told; batches cost delay for nothing
    assert_eq!(confirmed.stack, "pad-to-mtu");
    assert!(failed.is_empty() && *p > 0.01, "{failed:?} {p}");
    assert!(at(&confirmed.seen[0].worst(), Horizon::Window) <= 0.55);
    assert!(at(&found.points[1].seen[0].worst(), Horizon::Round) > 0.9, "{:?}", found.points[1]);
    let text = report::defend::text(&found, None, report::terminal::Look { width: 100, colour: false });
    assert!(text.contains("pad-to-mtu (run by the router and a far end)"), "{text}");
}

#[test]
fn without_a_leak_nothing_is_recommended() {
    let quiet = gathered(rounds(16), &[Observer::Gateway]);
    let found = run(&quiet, &settings(&["pad-to-mtu", "front:size=500,packets=10"]));
    assert_ne!(found.audit.findings[0].answer, Answer::Leak);
    assert!(matches!(found.recommended[0].choice, Choice::Nothing));
    let text = report::defend::text(&found, None, report::terminal::Look { width: 100, colour: false });
    assert!(text.contains("nothing is recommended"), "{text}");
    // why stands there, as the audit says it
    let why = report::audit::sentence::line(&found.audit, &found.audit.findings[0]);
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains(&why), "{why} in {flowing}");
    let page = report::defend::files(&found).unwrap().swap_remove(0).content;
    assert!(String::from_utf8(page).unwrap().contains(&why));
    // what draws is drawn three times, what does not once; cover of one length is recognised
    let [padded, front] = &found.points[..] else { panic!("two points") };
    assert_eq!((padded.draws, front.draws), (1, 3));
    assert_eq!(padded.seen[0].recognised, None);
    assert!(front.seen[0].recognised.unwrap() > 0.5 && front.seen[0].filtered.is_some(), "{front:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads_and_from_the_cache() {
    // as many units as a search needs
    let leaking = leaking(16, "upload:0.5", &[Observer::Gateway]);
    let cache = tempfile::tempdir().unwrap();
    let own = Settings {
        cache: Some(cache.path().to_owned()),
        far_ends: 1,
        search: Some(Search { stacks: 4 }),
        ..settings(&["padme", "batch:ms=250"])
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut found = pool.install(|| run(&leaking, &own));
        // how many there were is told, and is all that differs
        assert_eq!(std::mem::replace(&mut found.audit.scope.threads, 1), threads);
        report::defend::document(&found)
    };
    let one = on(1);
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 3, "two stacks and a far end are kept");
    assert!(one == on(2), "from the cache");
    std::fs::remove_dir_all(cache.path()).unwrap();
    assert!(one == on(2), "afresh");
    let found = run(&leaking, &own).search.unwrap();
    assert_eq!((found.searched_units, found.confirmed_units, found.tried + found.too_dear), (8, 8, 4));
    let back = report::defend::read(&String::from_utf8(one.clone()).unwrap()).unwrap();
    assert!(report::defend::document(&back) == one, "it reads back");
    let names: Vec<String> =
        report::defend::files(&back).unwrap().into_iter().map(|file| file.path).collect();
    assert_eq!(names, ["report.html", "report.json", "frontier.csv", "figures/frontier-1.svg"]);
}

/// Asks to stop once so many steps of the sweep are done.
struct StopInSweep {
    is_swept: AtomicBool,
    done: AtomicU64,
    most: u64,
}

impl Progress for StopInSweep {
    fn begin(&self, stage: &str, _steps: u64) {
        self.is_swept.store(stage == "trying defences", Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    fn advance(&self, steps: u64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
    }

    fn stop_requested(&self) -> bool {
        self.is_swept.load(Ordering::Relaxed) && self.done.load(Ordering::Relaxed) >= self.most
    }
}

#[test]
fn points_that_were_finished_outlast_an_interruption() {
    let quiet = gathered(rounds(6), &[Observer::Gateway]);
    let cache = tempfile::tempdir().unwrap();
    let mut own = settings(&["padme", "pad-to-mtu", "normalise-ttl"]);
    own.cache = Some(cache.path().to_owned());
    own.audit.permutations = 1;
    let progress = StopInSweep { is_swept: AtomicBool::new(false), done: AtomicU64::new(0), most: 2 };
    let early = defend::defend(&quiet, &own, &|| Duration::ZERO, &Engine::new(&progress));
    assert!(matches!(early, Err(overhear::Error::Stopped)));
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 2);
    assert_eq!(run(&quiet, &own).points.len(), 3);
}

#[test]
fn a_table_holds_nothing_to_defend() {
    let (mut y, mut units, mut columns) = (Vec::new(), Vec::new(), vec![Vec::new()]);
    for unit in 0..8 {
        for class in 0..2 {
            y.push(class);
            units.push(unit);
            columns[0].push(f64::from(unit * 2 + class));
        }
    }
    let data = overhear_learn::Dataset {
        features: vec!["x".to_owned()],
        x: overhear_learn::Matrix::from_columns(&columns).unwrap(),
        y,
        classes: vec!["a".to_owned(), "b".to_owned()],
        units: Some(units),
        starts_ns: None,
    };
    let labelled = overhear::table::Labelled { data, folds: None, warnings: Vec::new() };
    let table = audit::gather_table(&labelled, "table").unwrap();
    assert_eq!(table.observers, [Vantage::Table]);
    let refused = defend::defend(&table, &settings(&["padme"]), &|| Duration::ZERO, &Engine::silent());
    assert!(refused.unwrap_err().to_string().starts_with("a table holds no packets"));
}
