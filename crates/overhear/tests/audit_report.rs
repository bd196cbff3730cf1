//! An audit's report: its figures, its page, its tables, and that any result can be written.

#[path = "fixture/audit.rs"]
mod fixture;

use std::collections::HashSet;
use std::fs;

use overhear::caveat::{Caveat, Fact};
use overhear::experiment::audit::result::*;
use overhear::figure;
use overhear::report::{self, ReportFile};

const HOSTILE: &str = "<script>alert('1')</script>\"&\u{1b}\0";

fn content(files: &[ReportFile], path: &str) -> String {
    let file = files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(file.content.clone()).expect("every file is text")
}

/// A report's page as text.
fn page(result: &AuditResult) -> String {
    content(&survives(result), "report.html")
}

fn well_formed(svg: &str) {
    let document =
        roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{e}: {}", &svg[..svg.len().min(400)]));
    for element in ["title", "desc"] {
        let mut children = document.root_element().children();
        let found = children.find(|c| c.has_tag_name(("http://www.w3.org/2000/svg", element)));
        assert!(found.is_some_and(|c| c.text().is_some_and(|t| !t.trim().is_empty())), "no {element}");
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
}

/// Everything an audit may lack is written as lacking, never a panic.
fn survives(result: &AuditResult) -> Vec<ReportFile> {
    for figure in figure::audit::all(result) {
        assert!(!figure.number.is_empty() && !figure.panels.is_empty(), "{}", figure.slug);
        figure.panels.iter().for_each(|p| well_formed(&p.inline()));
        well_formed(&figure.to_file(result.scope.generated.as_deref()));
        for table in &figure.data {
            assert!(table.rows.iter().all(|r| r.len() == table.head.len()), "{}: ragged table", figure.slug);
        }
    }
    let files = report::audit::files(result).expect("every result can be written");
    let page = content(&files, "report.html");
    let mut ids = HashSet::new();
    for id in page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.insert(id), "id {id} stands twice");
    }
    for part in ["<script", " src=", "@import", "url(http", "<link", "NaN"] {
        assert!(!page.contains(part), "{part}");
    }
    files
}

fn slugs(result: &AuditResult) -> Vec<&'static str> {
    figure::audit::all(result).iter().map(|f| f.slug).collect()
}

#[test]
fn every_figure_of_the_register_is_drawn() {
    for result in [fixture::full(), fixture::one_observer(), fixture::three_conditions()] {
        let files = survives(&result);
        let page = std::str::from_utf8(&files[0].content).expect("the page is text");
        assert_eq!(slugs(&result).len(), figure::audit::REGISTER.len());
        for slug in slugs(&result) {
            assert!(page.contains(&format!("id=\"{slug}\"")), "{slug} is in no section");
        }
    }
}

#[test]
fn the_page_keeps_its_order() {
    let page = page(&fixture::full());
    let ids = [
        "answer",
        "scope",
        "verdict",
        "numbers",
        "controls",
        "protocol",
        "observers",
        "next",
        "limits",
        "provenance",
    ];
    let places: Vec<usize> = ids
        .iter()
        .map(|id| page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no section {id}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    for text in [
        "Generated traffic",
        "Bayes risk: at least",
        "Bayes risk: at most",
        "2\u{a0}% of the time",
        "optimistic",
        "SHA-256",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_card_answers_from_the_worst_finding() {
    let word = |answer: Answer, p: f64| {
        let mut result = fixture::one_observer();
        (result.findings[0].answer, result.findings[0].p) = (answer, p);
        result.findings[0].reason = Reason::NotShownLarge;
        let page = page(&result);
        let value = page.split("<p class=\"value ").nth(1).expect("the card has a value");
        value.split_once('>').and_then(|(_, rest)| rest.split_once('<')).expect("the value ends").0.to_owned()
    };
    assert_eq!(word(Answer::Leak, 0.001), "Yes");
    assert_eq!(word(Answer::Inconclusive, 0.05), "Probably");
    assert_eq!(word(Answer::Inconclusive, 0.051), "Not enough data");
    assert_eq!(word(Answer::Inconclusive, f64::NAN), "Not enough data");
    assert_eq!(word(Answer::NoLeak, 0.4), "No");
    // a small p is no sign of a leak where something else explains it
    for reason in [
        Reason::ConditionWithTime { order_p: 0.001, pattern: Pattern::Day },
        Reason::ControlFailed { control: ControlKind::Days("mic_on".into()) },
        Reason::TooFewCaptures,
    ] {
        let mut result = fixture::one_observer();
        let finding = &mut result.findings[0];
        (finding.answer, finding.p, finding.reason) = (Answer::Inconclusive, 0.001, reason);
        assert!(page(&result).contains(">Not enough data</p>"));
    }
    assert!(page(&fixture::full()).contains("<p class=\"value no\">Yes</p>"));
}

#[test]
fn one_capture_per_condition_is_said_and_not_dressed_up() {
    let result = fixture::one_capture_each();
    let page = page(&result);
    for text in [
        "Not enough data",
        "no all-clear",
        "INCONCLUSIVE",
        "p cannot fall below 1",
        "too few units",
        "Next: Record",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("Generated traffic"));
    assert_eq!(slugs(&result), ["accuracy-by-window", "permutations", "paper-protocol"]);
}

#[test]
fn a_no_leak_says_what_it_would_have_found() {
    let mut result = fixture::full();
    result.findings.retain(|f| f.answer == Answer::NoLeak);
    let found = "It would have found: 0.31 kB/s more from the device to its busiest far end, at random times; a share 0.12 of incoming \
                 packets goes out instead. Not found at any dose tried: phase.";
    let with = page(&result);
    assert!(with.contains(found));
    assert!(
        with.contains("What this audit would have found")
            && with.contains("2 of 3 kinds of planted leaks are found")
    );
    let text = report::audit::text(&result, None, report::terminal::Look { width: 100, colour: false });
    assert!(text.contains("would have found: 0.31 kB/s more"), "{text}");
    result.sensitivity = None;
    assert!(!page(&result).contains("would have found"));
}

#[test]
fn json_carries_the_schema_the_verdict_and_every_finding() {
    let result = fixture::full();
    let json: serde_json::Value =
        serde_json::from_slice(&report::audit::document(&result)).expect("it is JSON");
    assert_eq!(json["schema"], "overhear/report/1");
    assert_eq!(json["kind"], "audit");
    assert!(json["verdict"].as_str().is_some_and(|v| v.starts_with("LEAK")));
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(4));
    assert_eq!(json["findings"][0]["answer"], "leak");
    assert_eq!(json["findings"][3]["horizons"][0]["leakage"][0]["bounds"], "above");
    assert_eq!(json["scope"]["seed"], 1);
    assert_eq!(json["schedule"].as_array().map(Vec::len), Some(50));
}

#[test]
fn report_json_reads_back_as_the_same_facts() {
    for result in [fixture::full(), fixture::three_conditions(), fixture::one_capture_each()] {
        let text = String::from_utf8(report::audit::document(&result)).expect("it is text");
        let read = report::audit::read(&text).expect("it reads back");
        assert_eq!(String::from_utf8(report::audit::document(&read)).expect("it is text"), text);
    }
}

#[test]
fn a_sentence_stands_beside_every_fact() {
    let json: serde_json::Value =
        serde_json::from_slice(&report::audit::document(&fixture::full())).expect("it is JSON");
    let finding = &json["findings"][0];
    for text in
        [&finding["verdict"], &finding["sentence"], &finding["next"][0], &finding["controls"][0]["detail"]]
    {
        assert!(text.as_str().is_some_and(|text| text.len() > 10), "{text}");
    }
    assert!(json["schedule"][0]["left_out"].is_null());
    assert!(json["schedule"][48]["left_out"].as_str().is_some_and(|why| why.contains("300 s of 1800 s")));
    assert!(json["warnings"][0].as_str().is_some_and(|line| line.contains("round 49")));
    // what this observer cannot see it is not advised to change
    let of = |observer: usize| json["findings"][observer]["next"].to_string();
    assert!(of(0).contains("TCP windows"), "{}", of(0));
    let mut wifi = fixture::full();
    wifi.findings[2].advice = wifi.findings[0].advice.clone();
    let json: serde_json::Value =
        serde_json::from_slice(&report::audit::document(&wifi)).expect("it is JSON");
    let advice = json["findings"][2]["next"].to_string();
    assert!(advice.contains("pad lengths") && !advice.contains("TTL") && !advice.contains("TCP"), "{advice}");
}

#[test]
fn tables_have_the_published_columns() {
    let mut result = fixture::full();
    result.findings[0].statistics[0].t = f64::NAN;
    let files = survives(&result);
    let statistics = content(&files, "statistics.csv");
    let mut lines = statistics.lines();
    assert_eq!(lines.next(), Some("task,observer,learner,windowing,horizon,balanced_accuracy,t,p_single"));
    let first: Vec<&str> = lines.next().expect("a row").split(',').collect();
    assert_eq!((first[0], first[2], first[3], first[6]), ("mic_on/mic_on_noise", "knn", "t=15", ""));
    assert_eq!(statistics.lines().count(), 1 + 4 * 24);
    let horizons = content(&files, "horizons.csv");
    assert_eq!(
        horizons.lines().next(),
        Some(
            "task,observer,horizon,balanced_accuracy,low,high,quoted_low,quoted_high,day_left_out,auc,limit"
        )
    );
    let row: Vec<&str> = horizons.lines().nth(2).expect("a row").split(',').collect();
    let value = fixture::full().findings[0].horizons[1].balanced_accuracy.value;
    assert_eq!((row[2], row[3].parse(), row[9], row[10]), ("1m", Ok(value), "", "0.65"));
}

#[test]
fn a_hostile_name_is_text_wherever_it_stands() {
    let mut result = fixture::full();
    result.caveats.push(Caveat::of_round(0, HOSTILE, Fact::Damaged { reason: HOSTILE.into() }));
    let scope = &mut result.scope;
    (scope.device, scope.generated) = (HOSTILE.into(), Some(HOSTILE.into()));
    scope.conditions.push(HOSTILE.into());
    scope.learners.push(HOSTILE.into());
    let round = &mut result.schedule[0];
    (round.capture, round.condition) = (HOSTILE.into(), HOSTILE.into());
    round.sha256 = Some(HOSTILE.into());
    for f in &mut result.findings {
        f.task = HOSTILE.into();
        f.conditions.fill(HOSTILE.into());
        f.order = Order::Drawn { plan_sha256: HOSTILE.into() };
        f.controls[0].name = ControlKind::Positive(HOSTILE.into());
        f.features[0].feature = HOSTILE.into();
        f.paper[0].learner = HOSTILE.into();
        f.statistics[0].learner = HOSTILE.into();
        let h = &mut f.horizons[0];
        h.chosen[0].learner = HOSTILE.into();
        (h.leakage[0].measure, h.leakage[0].unit) = (HOSTILE.into(), HOSTILE.into());
    }
    for file in survives(&result).iter().filter(|f| f.path.ends_with(".svg") || f.path.ends_with(".html")) {
        assert!(!String::from_utf8_lossy(&file.content).contains("<script"), "{}", file.path);
    }
}

#[test]
fn an_empty_audit_is_a_report_all_the_same() {
    let mut result = fixture::full();
    for f in &mut result.findings {
        (f.horizons, f.statistics, f.max_t) = (Vec::new(), Vec::new(), Vec::new());
        (f.controls, f.paper, f.features, f.advice) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        (f.posterior, f.confounding, f.conditions) = (None, None, Vec::new());
    }
    result.sensitivity = None;
    survives(&result);
    assert!(slugs(&result).is_empty());
    result.findings.clear();
    result.schedule.clear();
    let scope = &mut result.scope;
    (scope.conditions, scope.observers, scope.learners) = (Vec::new(), Vec::new(), Vec::new());
    (scope.units, scope.hours, scope.days, scope.generated) = (0, 0.0, 0.0, None);
    let page = page(&result);
    assert!(page.contains("Not enough data") && page.contains("There is no finding"));
}

#[test]
fn undefined_and_not_finite_numbers_are_left_out() {
    let nothing = Estimate { value: f64::NAN, low: f64::NEG_INFINITY, high: f64::INFINITY };
    let mut result = fixture::full();
    (result.scope.hours, result.scope.days) = (f64::NAN, f64::INFINITY);
    if let Some(sensitivity) = &mut result.sensitivity {
        (sensitivity.kinds[0].dose, sensitivity.kinds[1].largest) = (Some(f64::NAN), f64::NAN);
    }
    result.schedule[0].duration_s = f64::NAN;
    result.schedule[1].start_ns = Some(i64::MIN);
    for f in &mut result.findings {
        (f.p, f.smallest_p, f.confounding) = (f64::NAN, f64::NAN, Some(nothing));
        (f.max_t[0], f.max_t[7]) = (2.0, f64::INFINITY);
        for (k, h) in f.horizons.iter_mut().enumerate() {
            (h.auc, h.confusion, h.chosen) = (Some(nothing), vec![vec![1], Vec::new()], Vec::new());
            if k % 2 == 0 {
                (h.balanced_accuracy, h.quoted, h.day_left_out) = (nothing, nothing, Some(nothing));
                h.limit = f64::NAN;
            }
            h.leakage.iter_mut().for_each(|l| l.estimate = nothing);
            h.ppv.iter_mut().for_each(|p| p.ppv = None);
        }
        f.statistics.iter_mut().step_by(3).for_each(|s| s.balanced_accuracy = f64::NAN);
        f.statistics.iter_mut().for_each(|s| s.t = f64::NAN);
        f.paper.iter_mut().for_each(|c| c.honest = f64::NAN);
        f.features.iter_mut().for_each(|l| (l.means, l.balanced_accuracy) = (vec![f64::NAN], 0.52));
        let posterior = f.posterior.as_mut().expect("the fixture has one");
        (posterior.median_s, posterior.wrong, posterior.reached) = (None, None, f64::NAN);
        posterior.quartiles[3] = [f64::NAN; 3];
        posterior.quartiles.truncate(9);
    }
    survives(&result);
    result.findings[0].max_t = vec![f64::NAN, 1.0];
    result.findings[1].max_t = vec![1.0];
    result.findings[2].posterior = Some(Posterior {
        minutes: vec![1.0],
        quartiles: vec![[0.4, 0.5, 0.6]],
        median_s: None,
        reached: 0.0,
        wrong: None,
    });
    survives(&result);
}

#[test]
fn many_windows_learners_and_observers_fit() {
    let mut result = fixture::full();
    let original = result.findings[0].statistics.clone();
    for size in [2, 5, 50, 200, 500, 1000, 1500, 2000, 2500] {
        for s in &original {
            let mut more = s.clone();
            more.windowing = format!("t={size}").parse().unwrap();
            result.findings[0].statistics.push(more);
        }
    }
    for k in 0..6 {
        let mut more = result.findings[0].clone();
        more.task = format!("task {k}");
        result.findings.push(more);
    }
    survives(&result);
}

#[test]
fn a_report_of_another_kind_is_replaced_as_a_whole() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let directory = place.path().join("report");
    report::audit::write(&fixture::full(), &directory).expect("a new directory is made");
    assert!(directory.join("figures/posterior.svg").exists() && directory.join("horizons.csv").exists());
    report::audit::write(&fixture::one_capture_each(), &directory).expect("the earlier report is replaced");
    assert!(!directory.join("figures/posterior.svg").exists());
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 1);
}
