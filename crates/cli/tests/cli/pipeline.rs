//! The whole pipeline from the command line, on small generated campaigns.

use super::skip::skipped;
use super::support::{DEVICE, Scratch, captures, fails, run, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes the windows of all rounds of a campaign as one table.
fn table(scratch: &Scratch, campaign: &Path) -> PathBuf {
    let mut whole = String::new();
    for condition in ["mic_on", "mic_on_noise"] {
        let captures = captures(campaign, condition);
        let mut arguments = vec!["features", "-W", "n=20", "--device", DEVICE, "--condition", condition];
        arguments.extend(captures.iter().map(|path| text(path)));
        let csv = String::from_utf8(run(&arguments).stdout).unwrap();
        let rows = if whole.is_empty() { csv } else { csv.split_once('\n').unwrap().1.to_owned() };
        whole.push_str(&rows);
    }
    let path = scratch.path("windows.csv");
    fs::write(&path, whole).unwrap();
    path
}

#[test]
fn a_campaign_becomes_a_report_that_is_the_same_on_any_number_of_threads() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(6);
    let reports = ["1", "2"].map(|threads| {
        let directory = scratch.path(&format!("report-{threads}"));
        run(&["reproduce", text(&campaign), "--quick", "--threads", threads, "-o", text(&directory)]);
        directory
    });
    for file in ["accuracy.csv", "importance.csv", "correlation.csv"] {
        let [one, two] = reports.each_ref().map(|report| fs::read_to_string(report.join(file)).unwrap());
        assert!(one.lines().count() > 1, "{file}");
        assert_eq!(one, two, "{file}");
    }
    let page = fs::read_to_string(reports[0].join("report.html")).unwrap();
    for caption in ["Figure 4", "Figure 5", "Figure 7", "Figure 8", "Figure 9", "Table 1", "Table 2"] {
        assert!(page.contains(caption), "{caption}");
    }
    assert!(page.contains("<svg") && page.contains("Generated traffic"));
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(reports[0].join("report.json")).unwrap()).unwrap();
    assert_eq!(json["schema"], "overhear/report/1");
    assert!(json["cells"].as_array().unwrap().iter().any(|cell| cell["score"]["accuracy"].is_f64()));
}

#[test]
fn a_model_saved_from_a_table_predicts_a_capture_and_the_table() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(6);
    let table = table(&scratch, &campaign);
    let model = scratch.path("model.json");
    let drop = "capture,windowing,n_packets";
    let mut saving = vec!["evaluate", text(&table), "--label", "condition", "--drop", drop];
    saving.extend(["--learner", "random_forest", "--split", "k-fold:5", "--json", "--save", text(&model)]);
    let scores: serde_json::Value = serde_json::from_slice(&run(&saving).stdout).unwrap();
    assert_eq!(scores["schema"], "overhear/evaluate/1");
    let accuracy = scores["learners"][0]["accuracy"].as_f64().unwrap();
    assert!((0.5..=1.0).contains(&accuracy), "{accuracy}");

    let capture = &captures(&campaign, "mic_on")[0];
    let of_capture = run(&["predict", text(&model), text(capture), "--device", DEVICE]).stdout;
    let of_table = run(&["predict", text(&model), text(&table)]).stdout;
    let of_capture = String::from_utf8(of_capture).unwrap();
    let of_table = String::from_utf8(of_table).unwrap();
    assert!(of_capture.starts_with("row,start_ns,predicted,p_mic_on,p_mic_on_noise\n"), "{of_capture}");
    // the table begins with the same capture's windows
    let rows = of_capture.lines().count();
    assert!(rows > 2);
    assert_eq!(of_capture, of_table.lines().take(rows).map(|l| format!("{l}\n")).collect::<String>());
}

#[test]
fn a_model_is_refused_where_features_are_missing_or_its_version_is_another() {
    let scratch = Scratch::new();
    let table = scratch.path("t.csv");
    fs::write(&table, "a,b,y\n1,2,0\n2,1,1\n3,5,0\n4,4,1\n").unwrap();
    let model = scratch.path("m.json");
    let split = ["--split", "k-fold:2"];
    run(&[
        &["evaluate", text(&table), "--label", "y", "--learner", "knn", "--save", text(&model)],
        &split[..],
    ]
    .concat());
    let other = scratch.path("o.csv");
    fs::write(&other, "a,c\n1,2\n").unwrap();
    let message = fails(&["predict", text(&model), text(&other)], 1);
    assert!(message.contains('b') && message.contains("o.csv"), "{message}");
    let newer = fs::read_to_string(&model).unwrap().replace("overhear/model/1", "overhear/model/9");
    fs::write(&model, newer).unwrap();
    let message = fails(&["predict", text(&model), text(&table)], 1);
    assert!(message.contains("overhear/model/9"), "{message}");
}

#[test]
fn what_cannot_be_evaluated_is_refused_with_what_to_do() {
    let scratch = Scratch::new();
    let table = scratch.path("t.csv");
    let evaluate = |csv: &str, more: &[&str]| {
        fs::write(&table, csv).unwrap();
        fails(&[&["evaluate", text(&table), "--label", "y"], more].concat(), 1)
    };
    assert!(evaluate("a,host,y\n1,h,0\n2,h,1\n", &[]).contains("--drop host"));
    assert!(evaluate("a,y\n1,0\n2,0\n", &[]).contains("two classes"));
    assert!(evaluate("a,y\n", &[]).contains("no rows"));
    assert!(evaluate("a,y\n1,0\n2,0\n3,1\n", &[]).contains("fewer than the 10 folds"));
    assert!(evaluate("a,b\n1,0\n", &[]).contains("its columns are: a, b"));
    assert!(evaluate("a,y\n1,0,3\n", &[]).contains("t.csv"));
    fails(&["evaluate", text(&table), "--label", "y", "--split", "by-unit"], 2);
    fails(&["evaluate", text(&table), "--label", "y", "--learner", "oracle"], 2);
}

#[test]
fn the_same_seed_writes_the_same_campaign_and_an_occupied_place_is_left_alone() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let manifest = fs::read_to_string(campaign.join("campaign.toml")).unwrap();
    let again = scratch.path("again");
    run(&[
        "synth",
        "--scenario",
        "crossover",
        "--pairs",
        "1",
        "--round",
        "8m",
        "--threads",
        "1",
        "-o",
        text(&again),
    ]);
    assert_eq!(
        fs::read_to_string(again.join("campaign.toml")).unwrap(),
        manifest,
        "hashes of the captures too"
    );
    assert!(fails(&["synth", "-o", text(&campaign)], 1).contains("not empty"));
    assert_eq!(fs::read_to_string(campaign.join("campaign.toml")).unwrap(), manifest);
}

#[test]
fn an_altered_or_missing_capture_is_named_by_its_round() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let capture = &captures(&campaign, "mic_on")[0];
    let mut bytes = fs::read(capture).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(capture, bytes).unwrap();
    let report = scratch.path("report");
    let message = fails(&["reproduce", text(&campaign), "--quick", "-o", text(&report)], 1);
    assert!(message.contains("SHA-256") && message.contains("round "), "{message}");
    fs::remove_file(capture).unwrap();
    let message = fails(&["reproduce", text(&campaign), "--quick", "-o", text(&report)], 1);
    assert!(message.contains("mic_on.pcapng"), "{message}");
    assert!(!report.exists());
}

#[test]
fn counting_reads_standard_input_and_says_so_where_nothing_is_found() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let capture = &captures(&campaign, "mic_on")[0];
    let arguments = ["features", "-", "-W", "t=15", "-W", "n=20", "--count"];
    let piped = Command::new(env!("CARGO_BIN_EXE_overhear"))
        .args(arguments)
        .stdin(fs::File::open(capture).unwrap())
        .output()
        .unwrap();
    let read = run(&["features", text(capture), "-W", "t=15", "-W", "n=20", "--count"]);
    assert_eq!(piped.stdout, read.stdout);
    assert!(String::from_utf8(read.stdout).unwrap().starts_with("t=15 "));
    let none = fails(&["features", text(capture), "-W", "t=15", "--device", "02:00:00:00:00:99"], 1);
    assert!(none.contains("no packet of 02:00:00:00:00:99") && none.contains("overhear inspect"), "{none}");
}

#[test]
fn what_is_said_twice_or_in_vain_is_done_once_and_said_so() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let capture = &captures(&campaign, "mic_on")[0];
    let count =
        |windowings: &[&str]| run(&[&["features", text(capture), "--count"], windowings].concat()).stdout;
    assert_eq!(count(&["-W", "t=15", "-W", "t=15"]), count(&["-W", "t=15"]));
    let occupied = fails(&["synth", "--pairs", "3", "-o", text(&campaign)], 1);
    assert!(occupied.contains("--pairs and --round say nothing"), "{occupied}");
}

#[test]
fn a_full_disk_is_named() {
    if !Path::new("/dev/full").exists() {
        skipped("there is no /dev/full here");
        return;
    }
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let capture = &captures(&campaign, "mic_on")[0];
    let message = fails(&["features", text(capture), "-W", "n=1", "-o", "/dev/full"], 1);
    assert!(message.contains("/dev/full: "), "{message}");
}

#[test]
fn every_command_explains_itself() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let list = help.split_once("Commands:").and_then(|(_, rest)| rest.split_once("\nOptions")).unwrap().0;
    let commands: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 14, "{commands:?}");
    let man = String::from_utf8(run(&["man"]).stdout).unwrap();
    assert!(man.starts_with(".ie"));
    for command in commands.iter().filter(|command| **command != "help") {
        let help = String::from_utf8(run(&[command, "--help"]).stdout).unwrap();
        assert!(help.len() > 100 && help.contains("Options of every command:"), "{command}: {help}");
        // its own options stand before those of every command
        let (own, everywhere) = help.split_once("Options of every command:").unwrap();
        assert!(!own.contains("--seed") && everywhere.contains("--seed"), "{command}");
        assert!(
            man.contains(&format!("overhear {command}")) || man.contains(&format!("overhear\\-{command}")),
            "{command}"
        );
    }
    assert!(man.contains("overhear cut evening.pcap"), "examples are in the manual");
    for shell in ["bash", "zsh", "fish"] {
        assert!(String::from_utf8(run(&["completions", shell]).stdout).unwrap().contains("reproduce"));
    }
    let fish = String::from_utf8(run(&["completions", "fish"]).stdout).unwrap();
    let learner = fish.lines().find(|line| line.contains("-l learner")).unwrap();
    assert!(!learner.contains("-F"), "no files are offered for a learner: {learner}");
    fails(&["features", "x.pcap", "-W", "n=0"], 2);
    fails(&["features", "/nonexistent.pcap", "-W", "n=2"], 1);
}
