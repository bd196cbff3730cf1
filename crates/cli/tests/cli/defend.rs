//! Defences from the command line, on a small generated campaign.

use super::support::{Scratch, fails, json, run, stdout, text};
use overhear::defence::DEFENCES;
use std::fs;
use std::path::PathBuf;

impl Scratch {
    /// Six pairs of rounds of three minutes.
    fn rounds(&self) -> PathBuf {
        let campaign = self.path("campaign");
        let rounds = ["--pairs", "6", "--round", "3m", "--seed", "4"];
        run(&[&["synth", "--scenario", "crossover", "-o", text(&campaign)][..], &rounds].concat());
        campaign
    }
}

/// What makes a try quick.
const QUICK: [&str; 6] = ["-W", "t=15", "--learner", "decision_tree", "--permutations", "19"];

#[test]
fn the_list_has_every_defence_and_wrong_names_are_refused_with_it() {
    let list = stdout(&run(&["defend", "--list"]));
    assert!(
        DEFENCES.iter().all(|entry| list.contains(&format!("{}\n    {}\n", entry.name, entry.about))),
        "{list}"
    );
    let refused = fails(&["defend", "nowhere", "--with", "pad"], 2);
    assert!(refused.contains("no defence is called \"pad\"") && refused.contains("pad-to-mtu"), "{refused}");
    let refused = fails(&["defend", "nowhere", "--with", "padme", "--link", "fast"], 2);
    assert!(refused.contains("write a rate as 20Mbit"), "{refused}");
    fails(&["defend", "nowhere", "--table", "t.csv"], 2);
    fails(&["defend", "nowhere", "--write-captures", "out"], 2);
}

#[test]
fn a_stack_is_tried_and_its_report_written() {
    let scratch = Scratch::new();
    let (campaign, cache, report) = (scratch.rounds(), scratch.path("cache"), scratch.path("frontier"));
    let refused =
        [&["defend", text(&campaign), "--with", "padme", "--block", "example.org"][..], &QUICK].concat();
    let refused = fails(&refused, 1);
    assert!(refused.contains("example.org") && refused.contains("googleapis.com"), "{refused}");
    let stack = [
        "--block",
        "googleapis.com",
        "--with",
        "normalise-ttl",
        "--with",
        "batch:ms=100",
        "--observer",
        "isp,wifi",
    ];
    let first = ["defend", text(&campaign), "--json", "--cache", text(&cache), "-o", text(&report)];
    let found = json(&run(&[&first[..], &stack, &QUICK].concat()));
    assert_eq!(found["kind"], "defend");
    assert!(found["audit"]["scope"]["generated"].as_str().unwrap().contains("crossover"));
    let point = &found["points"][0];
    assert_eq!(point["names"], serde_json::json!(["normalise-ttl", "batch"]));
    assert!(point["cost"]["delay_p99_ms"].as_f64().unwrap() <= 101.0);
    assert_eq!(found["recommended"].as_array().unwrap().len(), 2);
    let blocked = &found["far_ends"][0];
    assert!(blocked["name"].as_str().unwrap().contains(".googleapis.com"), "{blocked}");
    assert!(
        blocked["packets_share"].as_f64().unwrap() > 0.05 && blocked["seen"].as_array().unwrap().len() == 2
    );
    for file in ["report.html", "report.json", "frontier.csv", "figures/frontier-1.svg"] {
        assert!(report.join(file).exists(), "{file}");
    }
    let page = fs::read_to_string(report.join("report.html")).unwrap();
    assert!(page.contains("generated") && page.contains("does not react"));
    // what is known of the rounds stands there; nobody is told to do anything on so few
    assert!(!page.contains("NaN"));
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 2, "the stack, and what is blocked");
}

#[test]
fn defended_rounds_are_a_campaign_that_says_where_it_is_from() {
    let scratch = Scratch::new();
    let (campaign, padded) = (scratch.rounds(), scratch.path("padded"));
    run(&["defend", text(&campaign), "--with", "pad-to-mtu", "--write-captures", text(&padded)]);
    let windows = stdout(&run(&["features", text(&padded), "-W", "t=15", "--features", "paper"]));
    let head: Vec<&str> = windows.lines().next().unwrap().split(',').collect();
    let column = head.iter().position(|name| *name == "length_mean").unwrap();
    let lengths = windows.lines().skip(1).filter_map(|line| line.split(',').nth(column)?.parse::<f64>().ok());
    let lengths: Vec<f64> = lengths.filter(|length| *length > 0.0).collect();
    assert!(lengths.iter().all(|length| *length > 1_400.0), "{lengths:?}");
    let first = ["audit", text(&padded), "--json"];
    let audited = json(&run(&[&first[..], &QUICK].concat()));
    assert!(audited["scope"]["generated"].as_str().unwrap().contains("crossover"));
    assert!(audited["scope"]["device"].as_str().unwrap().contains("behind pad-to-mtu"));
    let refused =
        fails(&["defend", text(&campaign), "--with", "padme", "--write-captures", text(&padded)], 1);
    assert!(refused.contains("padded"), "{refused}");
}

#[test]
fn poisoning_and_inflation_are_tried_instead() {
    let scratch = Scratch::new();
    let (campaign, report) = (scratch.rounds(), scratch.path("training"));
    let said = stdout(&run(&["defend", text(&campaign), "-W", "t=15", "--training", "-o", text(&report)]));
    assert!(said.contains("Poison") && said.contains("Inflation"), "{said}");
    for file in ["report.md", "report.json", "training.csv"] {
        assert!(report.join(file).exists(), "{file}");
    }
}
