//! The ways people take through the program, from a recording to an answer.

use super::support::{DEVICE, Scratch, captures, fails, json, run, said, stderr, stdout, text};
use overhear::campaign::Campaign;
use std::fs;

/// A home owner: what is in the recording, a plan, the recording cut by it, an audit.
#[test]
fn a_long_recording_becomes_the_campaign_that_was_recorded() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(3);
    // the rounds as a router would have rotated them, in another order
    let mut recorded: Vec<_> =
        ["mic_on", "mic_on_noise"].iter().flat_map(|condition| captures(&campaign, condition)).collect();
    recorded.sort_by_key(|path| std::cmp::Reverse(path.clone()));
    let recorded: Vec<&str> = recorded.iter().map(|path| text(path)).collect();
    let found = json(&run(&["inspect", recorded[0], "--json"]));
    assert_eq!(found["devices"][0]["device"], DEVICE);

    let mut times = "condition,unit,start,duration_s,drop_s\n".to_owned();
    for round in Campaign::open(&campaign).unwrap().manifest.rounds {
        let (unit, start) = (round.unit.unwrap(), round.start.unwrap());
        let (duration_s, drop_s) = (round.duration_s.unwrap(), round.drop_s.unwrap());
        times.push_str(&format!("{},{unit},{start},{duration_s},{drop_s}\n", round.condition));
    }
    let (times, cut) = (scratch.file("times.csv", times), scratch.path("cut"));
    let arguments = ["cut", "--plan", text(&times), "--device", DEVICE, "-o", text(&cut)];
    let told = run(&[&arguments[..], &recorded].concat());
    assert!(stdout(&told).contains("6 rounds in") && stdout(&told).contains("0 lost"), "{}", said(&told));

    // the same rounds, whether they were recorded one by one or cut
    let windows = |campaign: &std::path::Path| {
        let table = stdout(&run(&["features", text(campaign), "-W", "t=15"]));
        let without_name = |line: &str| line.split_once(',').unwrap().1.to_owned();
        table.lines().map(without_name).collect::<Vec<_>>()
    };
    let (whole, again) = (windows(&campaign), windows(&cut));
    assert!(whole.len() > 100);
    assert_eq!(whole, again);
    let quick = ["--learner", "knn", "--permutations", "99", "-q", "--json"];
    let audited = |campaign: &std::path::Path| json(&run(&[&["audit", text(campaign)], &quick[..]].concat()));
    assert_eq!(audited(&campaign)["findings"][0]["p"], audited(&cut)["findings"][0]["p"]);
    fails(&[&arguments[..], &recorded].concat(), 1);
}

/// A researcher: windows of a campaign, evaluated with whole units left out.
#[test]
fn the_table_of_a_campaign_is_evaluated_by_unit_without_a_hand_s_turn() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(3);
    let table = scratch.path("windows.csv");
    run(&["features", text(&campaign), "-W", "t=15", "-o", text(&table)]);
    let head = fs::read_to_string(&table).unwrap();
    let first = head.lines().nth(1).unwrap();
    assert!(first.contains("campaign/rounds/001-") && first.contains(",1,t=15,0,"), "{first}");
    let arguments =
        ["evaluate", text(&table), "--label", "condition", "--unit", "unit", "--split", "by-unit:3"];
    let scores = json(&run(&[&arguments[..], &["--learner", "knn", "--json"]].concat()));
    assert!(scores["learners"][0]["balanced_accuracy"].as_f64().unwrap() > 0.5);
    assert!(
        fails(&["features", text(&campaign), "-W", "t=15", "--condition", "a"], 2)
            .contains("its own conditions")
    );
}

/// Whatever is made of generated captures, and wherever they are copied to, what is said of them says so.
#[test]
fn generated_traffic_is_called_generated_on_every_way() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(2);
    let [a, b] = ["mic_on", "mic_on_noise"].map(|condition| {
        let copy = scratch.path(&format!("{condition}.pcapng"));
        fs::copy(&captures(&campaign, condition)[0], &copy).unwrap();
        copy
    });
    let found = json(&run(&["inspect", text(&a), "--json"]));
    assert!(found["generated"].as_str().unwrap().contains("crossover"));
    assert!(stdout(&run(&["inspect", text(&a)])).contains("generated traffic (scenario crossover"));
    let page = scratch.path("page.html");
    run(&["inspect", text(&a), "--html", text(&page)]);
    assert!(fs::read_to_string(&page).unwrap().contains("class=\"band\""));
    assert!(stderr(&run(&["features", text(&a), "-W", "t=15", "--count"])).contains("generated traffic"));
    // captures of one condition each, and a campaign cut by a table that knows nothing of it
    let pairs = [format!("a={}", text(&a)), format!("b={}", text(&b))];
    let quick = ["--learner", "majority", "--permutations", "9", "-q", "--json"];
    let audited = json(&run(&[&["audit", &pairs[0], &pairs[1]], &quick[..]].concat()));
    assert!(audited["scope"]["generated"].as_str().unwrap().contains("crossover"));
    let start = Campaign::open(&campaign).unwrap().manifest.rounds[0].start.unwrap();
    let times = scratch.file("times.csv", format!("condition,start,duration_s\nx,{start},480\n"));
    let cut = scratch.path("cut");
    run(&[
        "cut",
        text(&captures(&campaign, "mic_on")[0]),
        text(&captures(&campaign, "mic_on_noise")[0]),
        "--plan",
        text(&times),
        "-o",
        text(&cut),
    ]);
    assert!(Campaign::open(&cut).unwrap().manifest.generated.is_some());
    let round = cut.join("rounds").join("001-x.pcapng");
    assert!(json(&run(&["inspect", text(&round), "--json"]))["generated"].is_string());
}

/// Rounds that an audit would leave out are not in the table either.
#[test]
fn a_lost_round_is_no_part_of_a_campaign_s_table() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(2);
    let file = campaign.join("campaign.toml");
    let manifest = fs::read_to_string(&file).unwrap();
    let lost = manifest.replacen("[[round]]\n", "[[round]]\nlost = \"the recorder was off\"\n", 1);
    fs::write(&file, lost).unwrap();
    let output = run(&["features", text(&campaign), "-W", "t=15"]);
    assert!(stderr(&output).contains("it was lost: the recorder was off"), "{}", stderr(&output));
    assert!(!stdout(&output).contains("rounds/001-") && stdout(&output).contains("rounds/002-"));
    // not wanting progress is not wanting to know nothing
    assert!(stderr(&run(&["features", text(&campaign), "-W", "t=15", "-q"])).contains("it was lost"));
    let report = scratch.path("report");
    let output = run(&["reproduce", text(&campaign), "--quick", "-o", text(&report)]);
    assert!(
        stderr(&output).contains("round 1") && stderr(&output).contains("it was lost"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_is_given_in_the_wrong_place_is_told_where_it_belongs() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let capture = captures(&campaign, "mic_on").swap_remove(0);
    for command in ["audit", "reproduce"] {
        let said = fails(&[command, text(&capture)], 1);
        assert!(
            said.contains("is a capture, and a campaign is wanted") && said.contains("overhear cut"),
            "{said}"
        );
    }
    let said = fails(&["predict", text(&capture), text(&capture)], 2);
    assert!(said.contains("the model comes first"), "{said}");
    let plan = scratch.path("plan.toml");
    run(&["plan", "--pairs", "2", "-o", text(&plan), "--device", DEVICE]);
    assert!(fs::read_to_string(&plan).unwrap().contains(&format!("address = \"{DEVICE}\"")));
    assert!(fails(&["audit", text(&plan)], 1).contains("it is a plan, not yet a campaign"));
    let out = scratch.path("cut");
    let cut = ["cut", text(&capture), "--plan", text(&plan), "-o", text(&out)];
    assert!(fails(&cut, 2).contains("its rounds have no dates"));
    let early = fails(&[&cut[..], &["--start", "2020-01-01T00:00:00Z"]].concat(), 1);
    assert!(early.contains("no frame lies in any round: the recording lasts from 2026-11-01"), "{early}");
    for (option, value, wanted) in [
        ("--round", "30", "a length of time with its unit"),
        ("--start", "yesterday", "date, time and offset"),
    ] {
        let said = fails(&["plan", option, value], 2);
        assert!(said.contains(wanted) && !said.contains("parse"), "{said}");
    }
}

/// A leak that was planted is named wherever the traffic goes, stands in one condition alone, and is the same again.
#[test]
fn a_planted_leak_is_written_and_named() {
    let scratch = Scratch::new();
    let synth = |name: &str, plants: &[&str]| {
        let directory = scratch.path(name);
        let quiet = ["synth", "--scenario", "crossover", "--pairs", "2", "--round", "5m", "--effect", "0"];
        let plants: Vec<&str> = plants.iter().flat_map(|plant| ["--plant", plant]).collect();
        run(&[&quiet[..], &plants, &["-q", "-o", text(&directory)]].concat());
        directory
    };
    let bytes = |campaign: &std::path::Path, condition: &str| -> Vec<Vec<u8>> {
        captures(campaign, condition).iter().map(|path| fs::read(path).unwrap()).collect()
    };
    let (plain, planted) = (synth("plain", &[]), synth("planted", &["upload:5", "phase:10"]));
    let manifest = fs::read_to_string(planted.join("campaign.toml")).unwrap();
    assert!(manifest.contains("plants = [\"upload:5\", \"phase:10\"]"), "{manifest}");
    assert!(!fs::read_to_string(plain.join("campaign.toml")).unwrap().contains("plants"));
    let again = synth("again", &["upload:5", "phase:10"]);
    for condition in ["mic_on", "mic_on_noise"] {
        assert_eq!(bytes(&planted, condition), bytes(&again, condition));
    }

    // 5 kB/s of 300 s, and the keep-alive in both conditions: 10 packets in 5 minutes, less those before the first packet
    let packets = |campaign: &std::path::Path, condition: &str| -> Vec<(f64, f64)> {
        let of = |path: &std::path::PathBuf| {
            let found = json(&run(&["inspect", text(path), "--json"]));
            let device = &found["devices"][0];
            assert_eq!(device["device"], DEVICE);
            (device["packets"].as_f64().unwrap(), device["bytes"].as_f64().unwrap())
        };
        captures(campaign, condition).iter().map(of).collect()
    };
    for (plain, planted) in packets(&plain, "mic_on").into_iter().zip(packets(&planted, "mic_on")) {
        assert!((8.0..=10.0).contains(&(planted.0 - plain.0)), "{plain:?} {planted:?}");
    }
    for (plain, planted) in packets(&plain, "mic_on_noise").into_iter().zip(packets(&planted, "mic_on_noise"))
    {
        assert!((planted.1 - plain.1 - 1_500_000.0).abs() < 150_000.0, "{plain:?} {planted:?}");
    }

    // the band of every report, and a capture copied elsewhere
    let words = "planted into mic_on_noise: upload:5, phase:10";
    let quick = ["--learner", "majority", "--permutations", "9", "-q", "--json"];
    let audited = json(&run(&[&["audit", text(&planted)], &quick[..]].concat()));
    assert!(audited["scope"]["generated"].as_str().unwrap().ends_with(words), "{}", audited["scope"]);
    let copy = scratch.path("copy.pcapng");
    fs::copy(&captures(&planted, "mic_on_noise")[0], &copy).unwrap();
    let told = stdout(&run(&["inspect", text(&copy)]));
    let on_one_line = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(on_one_line.contains(words), "{told}");
}

#[test]
fn a_plant_that_is_none_is_refused_with_what_there_is() {
    let scratch = Scratch::new();
    let refused = |plant: &str, scenario: &str| {
        let path = scratch.path("none");
        let message = fails(&["synth", "--scenario", scenario, "--plant", plant, "-o", text(&path)], 2);
        assert!(!path.exists());
        message
    };
    assert!(refused("noise:1", "crossover").contains("upload, mixture, direction"));
    assert!(refused("upload:101", "crossover").contains("a number from 0 to 100 (kB/s), not \"101\""));
    assert!(refused("upload", "crossover").contains("write NAME:DOSE, as in upload:5"));
    assert!(refused("upload:5", "paper").contains("add --scenario crossover"));
}
