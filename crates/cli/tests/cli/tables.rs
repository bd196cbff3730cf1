//! Tables as other programs write them, learners with settings, and what a saved model remembers.

use super::support::{DEVICE, Scratch, captures, fails, json, overhear, run, stderr, text};
use overhear_traffic::capture::write::PcapngWriter;
use overhear_traffic::capture::{CaptureReader, Frames, LinkType};
use std::fs;
use std::path::{Path, PathBuf};

impl Scratch {
    /// A small generated campaign, and the table of two of its captures, as an observer sees them.
    fn seen_by(&self, observer: &str) -> (PathBuf, PathBuf) {
        let mut campaign = self.path("campaign");
        if !campaign.exists() {
            campaign = self.campaign(2);
        }
        let mut whole = String::new();
        for condition in ["mic_on", "mic_on_noise"] {
            let capture = captures(&campaign, condition).swap_remove(0);
            let arguments =
                ["features", "-W", "n=20", "--device", DEVICE, "--condition", condition, "--observer"];
            let csv = run(&[&arguments[..], &[observer, text(&capture)]].concat()).stdout;
            let csv = String::from_utf8(csv).unwrap();
            let rows = if whole.is_empty() { csv } else { csv.split_once('\n').unwrap().1.to_owned() };
            whole.push_str(&rows);
        }
        let table = self.file(&format!("{observer}.csv"), whole);
        (campaign, table)
    }

    /// Fits a small model to such a table and saves it; what was said on standard error.
    fn model(&self, table: &Path, more: &[&str]) -> (PathBuf, String) {
        let model = self.path("model.json");
        let arguments =
            ["evaluate", text(table), "--label", "condition", "--learner", "knn", "--split", "k-fold:3"];
        let saving = ["--save", text(&model), "--drop", "capture,windowing,n_packets"];
        (model.clone(), stderr(&run(&[&arguments[..], &saving, more].concat())))
    }
}

/// Numbers that look random, from 0 to 99.
fn noise() -> impl Iterator<Item = u64> {
    let mut state = 7u64;
    std::iter::repeat_with(move || {
        // Knuth's multiplicative generator, MMIX
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % 100
    })
}

/// Noise of two classes, one class after the other, with a first column of row numbers called `name`.
fn indexed(name: &str, number: impl Fn(usize) -> String) -> String {
    let mut csv = format!("{name},a,b,condition,unit\n");
    let mut noise = noise();
    for row in 0..240 {
        let (a, b) = (noise.next().unwrap(), noise.next().unwrap());
        let (condition, unit) = (["quiet", "music"][row / 120], row % 120 / 10 + row / 120 * 12);
        csv += &format!("{},{a},{b},{condition},{unit}\n", number(row));
    }
    csv
}

#[test]
fn row_numbers_of_other_programs_are_no_leak() {
    let scratch = Scratch::new();
    let tables = [
        ("", indexed("", |row| (row % 120).to_string())),
        ("Unnamed: 0", indexed("Unnamed: 0", |row| row.to_string())),
        ("rownames", indexed("rownames", |row| (row + 1).to_string())),
        ("captured", indexed("captured", |row| (1_793_527_200 + row * 2 + row % 2).to_string())),
    ];
    for (name, csv) in tables {
        let table = scratch.file("t.csv", csv);
        let learner = ["--learner", "decision_tree", "--drop", "unit", "--json"];
        let found = run(&[&["evaluate", text(&table), "--label", "condition"], &learner[..]].concat());
        let score = &json(&found)["learners"][0];
        assert_eq!(score["n_features"], 2, "{name}");
        assert!(score["accuracy"].as_f64().unwrap() < 0.65, "{name}: {score}");
        assert!(stderr(&found).contains("is left out"), "{name}: {}", stderr(&found));
        let audit =
            ["--label", "condition", "--unit", "unit", "--learner", "knn", "--permutations", "19", "--json"];
        let found = run(&[&["audit", "--table", text(&table)], &audit[..]].concat());
        let report = json(&found);
        assert!(!report["verdict"].as_str().unwrap().starts_with("LEAK"), "{name}: {}", report["verdict"]);
        assert!(report["warnings"].to_string().contains("is left out"), "{name}: {}", report["warnings"]);
    }
    // kept by name it is the whole answer
    let table = scratch.file("t.csv", indexed("rownames", |row| (row + 1).to_string()));
    let keep = ["--learner", "decision_tree", "--drop", "unit", "--json", "--keep", "rownames"];
    let found = run(&[&["evaluate", text(&table), "--label", "condition"], &keep[..]].concat());
    assert!(json(&found)["learners"][0]["accuracy"].as_f64().unwrap() > 0.9);
}

#[test]
fn tables_of_spreadsheets_and_scripts_are_read_or_refused_with_advice() {
    let scratch = Scratch::new();
    let mut noise = noise();
    let rows: Vec<String> = (0..60)
        .map(|i| format!("{}.5,{},{}", noise.next().unwrap(), noise.next().unwrap(), ["p", "q"][i % 2]))
        .collect();
    let plain = format!("dur,bytes,label\n{}\n", rows.join("\n"));
    let evaluate = |contents: &[u8]| {
        let table = scratch.file("t.csv", contents);
        overhear(&[
            "evaluate",
            text(&table),
            "--label",
            "label",
            "--learner",
            "knn",
            "--split",
            "k-fold:3",
            "--json",
        ])
    };
    let expected = json(&evaluate(plain.as_bytes()))["learners"][0]["confusion"].clone();
    let twice = plain.replace("\n5", "\ndur,bytes,label\n5");
    assert_ne!(twice, plain);
    let utf16: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let semicolons = plain.replace(',', ";");
    for (contents, said) in [
        (twice.as_bytes(), "the header once more"),
        (&utf16, "UTF-16"),
        (semicolons.as_bytes(), "semicolons"),
    ] {
        let found = evaluate(contents);
        assert_eq!(json(&found)["learners"][0]["confusion"], expected, "{said}");
        assert!(stderr(&found).contains(said), "{}", stderr(&found));
    }
    let commas = semicolons.replace(".5", ",5");
    let infinite = plain.replacen("\n", "\ninf,1,p\ninf,-inf,q\n", 1);
    let refused = [
        (commas.as_bytes(), "column \"dur\" holds numbers with commas"),
        (infinite.as_bytes(), "the columns dur, bytes hold infinity, in 2 of 62 rows"),
        (b"dur,label\n1,M\xfcsik\n", "row 1, column \"label\": the text is not UTF-8"),
        (&[0x1f, 0x8b, 8, 0], "compressed (gzip)"),
    ];
    for (contents, said) in refused {
        let found = evaluate(contents);
        assert_eq!(found.status.code(), Some(1), "{said}");
        assert!(stderr(&found).contains(said), "{}", stderr(&found));
    }
}

#[test]
fn many_classes_show_their_most_frequent_confusions() {
    let scratch = Scratch::new();
    let mut noise = noise();
    let mut csv = "a,b,y\n".to_owned();
    for row in 0..1000 {
        csv +=
            &format!("{},{},site-{:03}.example\n", noise.next().unwrap(), noise.next().unwrap(), row % 100);
    }
    let table = scratch.file("t.csv", csv);
    let arguments = ["evaluate", text(&table), "--label", "y", "--learner", "knn:k=1", "--split", "k-fold:5"];
    let found = String::from_utf8(run(&arguments).stdout).unwrap();
    assert!(found.len() < 2_000, "{found}");
    assert!(found.contains("100 classes of 10 to 10 rows"), "{found}");
    assert!(found.contains("the most frequent confusions; --json has the whole matrix"), "{found}");
    assert_eq!(found.lines().filter(|line| line.ends_with(" %")).count(), 10, "{found}");
    let matrix = json(&run(&[&arguments[..], &["--json"]].concat()))["learners"][0]["confusion"].clone();
    assert_eq!(matrix.as_array().unwrap().len(), 100);
    // the first line is the largest cell beside the diagonal
    let cells = matrix.as_array().unwrap().iter().enumerate().flat_map(|(t, row)| {
        let row = row.as_array().unwrap().iter().enumerate();
        row.filter(move |(p, _)| *p != t).map(|(_, n)| n.as_u64().unwrap()).collect::<Vec<_>>()
    });
    let most = cells.max().unwrap();
    let first = found.lines().find(|line| line.ends_with(" %")).unwrap();
    assert_eq!(first.split_whitespace().nth(2).unwrap(), most.to_string(), "{found}");
}

#[test]
fn long_class_names_do_not_break_the_layout() {
    let scratch = Scratch::new();
    let long = |letter: &str| format!("\"{}\nend\"", letter.repeat(300));
    let mut noise = noise();
    for n_classes in [2, 12, 13] {
        let mut csv = "a,y\n".to_owned();
        for row in 0..n_classes * 6 {
            let name = long(&char::from(b'a' + (row % n_classes) as u8).to_string());
            csv += &format!("{},{name}\n", noise.next().unwrap());
        }
        let table = scratch.file("t.csv", csv);
        let learner = ["--learner", "gradient_boosting:rounds=3,leaves=4,rate=0.5", "--split", "k-fold:2"];
        let found = run(&[&["evaluate", text(&table), "--label", "y"], &learner[..]].concat());
        let found = String::from_utf8(found.stdout).unwrap();
        let body: Vec<&str> = found.lines().skip(1).collect();
        assert!(body.iter().all(|line| line.chars().count() <= 190), "{found}");
        let head = body.iter().find(|line| line.starts_with("learner ")).unwrap();
        let row = body.iter().find(|line| line.starts_with("gradient_boosting:")).unwrap();
        assert_eq!(head.chars().count(), row.chars().count(), "{found}");
        if n_classes == 12 {
            assert!(body.iter().any(|line| line.starts_with("12 llll")), "{found}");
        }
    }
}

#[test]
fn learners_take_settings() {
    let scratch = Scratch::new();
    let mut noise = noise();
    let csv: String = std::iter::once("a,b,y\n".to_owned())
        .chain((0..60).map(|i| format!("{},{},{}\n", noise.next().unwrap(), noise.next().unwrap(), i % 2)))
        .collect();
    let table = scratch.file("t.csv", csv);
    let evaluate = ["evaluate", text(&table), "--label", "y", "--split", "k-fold:3"];
    let names = |learners: &[&str]| {
        let found = json(&run(&[&evaluate[..], &["--json", "--learner"], learners].concat()));
        let learners = found["learners"].as_array().unwrap().clone();
        learners.iter().map(|learner| learner["learner"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["knn:k=7"]), ["knn:k=7"]);
    assert_eq!(names(&["knn,majority"]), ["knn", "majority"]);
    assert_eq!(
        names(&["random_forest:trees=5,svm:c=2,gamma=0.10,knn:k=1", "knn:k=3"]),
        ["random_forest:trees=5", "svm:c=2,gamma=0.1", "knn:k=1", "knn:k=3"]
    );
    let shown = run(&[&evaluate[..], &["--learner", "knn:k=7"]].concat()).stdout;
    assert!(String::from_utf8(shown).unwrap().contains("\nknn:k=7 "));
    let refused = |learner: &str| fails(&[&evaluate[..], &["--learner", learner]].concat(), 2);
    assert!(refused("knn:m=7").contains("knn has no setting \"m\"; its settings: k"));
    assert!(refused("knn:k=0").contains("a whole number from 1 to 100000"));
    assert!(refused("knn:k=7,k=8").contains("k is given twice"));
    assert!(refused("knn,k=7").contains("NAME:k=7"));
    assert!(refused("majority:k=7").contains("its settings: none"));
    let help = String::from_utf8(run(&["evaluate", "--help"]).stdout).unwrap();
    for setting in ["k=5", "trees=100", "rounds=50", "leaves=31", "gamma=scale", "hidden=200x100", "epochs=5"]
    {
        assert!(help.contains(setting), "{setting}");
    }
    // a model says how it was set
    let model = scratch.path("m.json");
    run(&[&evaluate[..], &["--learner", "knn:k=7", "--save", text(&model)]].concat());
    let predicted = json(&run(&["predict", text(&model), text(&table), "--json"]));
    assert_eq!(predicted["learner"], "knn:k=7");
    assert_eq!(predicted["warnings"].as_array().unwrap().len(), 0, "{}", predicted["warnings"]);
}

#[test]
fn a_model_remembers_who_looked() {
    let scratch = Scratch::new();
    let (campaign, wifi) = scratch.seen_by("wifi");
    let capture = captures(&campaign, "mic_on").swap_remove(0);
    let predict = |model: &Path, more: &[&str], code: i32| {
        let input = ["predict", text(model), text(&capture), "--device", DEVICE];
        let output = overhear(&[&input[..], more].concat());
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", stderr(&output));
        output
    };

    // nothing in the table says wifi or tunnel: predict must not take it for the gateway
    let (model, said) = scratch.model(&wifi, &[]);
    assert!(said.contains("none of gateway, isp fits") && said.contains("--observer"), "{said}");
    let refused = stderr(&predict(&model, &[], 2));
    assert!(refused.contains("(gateway, isp, wifi, tunnel)"), "{refused}");
    let named = predict(&model, &["--observer", "wifi"], 0);

    // saved, it is used; another one is warned of
    let (model, said) = scratch.model(&wifi, &["--observer", "wifi"]);
    assert!(!said.contains("who looked"), "{said}");
    let remembered = predict(&model, &[], 0);
    assert_eq!(named.stdout, remembered.stdout);
    let other = predict(&model, &["--observer", "tunnel", "--json"], 0);
    assert!(json(&other)["warnings"].to_string().contains("fitted on what wifi sees, not tunnel"));
    assert!(stderr(&other).contains("fitted on what wifi sees, not tunnel"));
    let regrouped = predict(&model, &["-W", "n=30", "--json"], 0);
    assert!(json(&regrouped)["warnings"].to_string().contains("fitted on windows of n=20, not n=30"));

    // what cannot be is refused before anything is fitted
    let saving = |table: &Path, observer: &str| {
        let arguments = [
            "evaluate",
            text(table),
            "--label",
            "condition",
            "--learner",
            "knn",
            "--drop",
            "capture,windowing",
        ];
        fails(&[&arguments[..], &["--save", "/nonexistent/m", "--observer", observer]].concat(), 2)
    };
    assert!(saving(&wifi, "gateway").contains("one of wifi, tunnel"));
    let (_, gateway) = scratch.seen_by("gateway");
    assert!(saving(&gateway, "tunnel").contains("only gateway, isp see"));

    // headers without a name: the gateway, with a warning
    let (model, said) = scratch.model(&gateway, &[]);
    assert!(!said.contains("who looked"), "{said}");
    let assumed = predict(&model, &[], 0);
    assert!(stderr(&assumed).contains("gateway is assumed"), "{}", stderr(&assumed));
    let named = predict(&model, &["--observer", "gateway"], 0);
    assert_eq!(assumed.stdout, named.stdout);
    assert!(!stderr(&named).contains("assumed"));

    // without its headers nobody knows whose lengths they are
    let headers = "n_tcp,n_udp,n_icmp,n_addresses,n_ports,tcp_window_mean,tcp_window_std,ttl_mean,ttl_std";
    let (model, said) = scratch.model(&gateway, &["--drop", headers]);
    assert!(said.contains("who looked is not saved"), "{said}");
    predict(&model, &[], 2);
}

/// Writes a capture again, without what its section header says.
fn without_comment(path: &Path) {
    let mut frames: Vec<(i64, Vec<u8>)> = Vec::new();
    let mut capture = CaptureReader::open(path).unwrap();
    capture.drive(|frame| frames.push((frame.time_ns, frame.bytes.to_vec()))).unwrap();
    let mut writer = PcapngWriter::new(fs::File::create(path).unwrap(), LinkType::ETHERNET).unwrap();
    for (time_ns, bytes) in frames {
        writer.write(time_ns, &bytes, bytes.len() as u32).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn a_model_of_generated_traffic_says_so() {
    let scratch = Scratch::new();
    let (campaign, table) = scratch.seen_by("gateway");
    let (model, _) = scratch.model(&table, &["--observer", "gateway"]);
    let saved: serde_json::Value = serde_json::from_str(&fs::read_to_string(&model).unwrap()).unwrap();
    assert_eq!(saved["trained_on"]["generated"], true);
    assert_eq!(saved["trained_on"]["n_captures"], 2);
    let capture = captures(&campaign, "mic_on").swap_remove(0);
    let arguments = ["predict", text(&model), text(&capture), "--device", DEVICE, "--json"];
    let predicted = run(&arguments);
    assert!(stderr(&predicted).contains("fitted on generated traffic"), "{}", stderr(&predicted));
    let warnings = json(&predicted)["warnings"].as_array().unwrap().clone();
    let of_ranges = warnings.iter().filter(|line| !line.as_str().unwrap().contains("generated traffic"));
    assert_eq!(of_ranges.count(), 0, "a capture it was fitted on lies within its ranges: {warnings:?}");

    // the same packets as if recorded: neither captures nor campaign say that they were generated
    for capture in ["mic_on", "mic_on_noise"].iter().flat_map(|condition| captures(&campaign, condition)) {
        without_comment(&capture);
    }
    let manifest = fs::read_to_string(campaign.join("campaign.toml")).unwrap();
    let (before, rest) = manifest.split_once("[generated]").unwrap();
    let after = &rest[rest.find("\n[").unwrap()..];
    fs::write(campaign.join("campaign.toml"), format!("{before}{after}")).unwrap();
    let (model, _) = scratch.model(&table, &["--observer", "gateway"]);
    let saved: serde_json::Value = serde_json::from_str(&fs::read_to_string(&model).unwrap()).unwrap();
    assert_eq!(saved["trained_on"]["generated"], false);
    assert_eq!(json(&run(&arguments))["warnings"], serde_json::json!([]));

    // and where nothing is known nothing is claimed
    fs::remove_file(campaign.join("campaign.toml")).unwrap();
    let (model, _) = scratch.model(&table, &[]);
    let saved: serde_json::Value = serde_json::from_str(&fs::read_to_string(&model).unwrap()).unwrap();
    assert_eq!(saved["trained_on"]["generated"], serde_json::Value::Null);
}

#[test]
fn rows_unlike_the_training_rows_are_warned_of() {
    let scratch = Scratch::new();
    let mut noise = noise();
    let rows: Vec<[u64; 4]> = (0..100).map(|_| std::array::from_fn(|_| noise.next().unwrap())).collect();
    let csv = |change: &dyn Fn(usize, usize, u64) -> u64| {
        let line = |(i, row): (usize, &[u64; 4])| {
            let cells: Vec<String> = (0..4).map(|j| change(i, j, row[j]).to_string()).collect();
            format!("{},{}\n", cells.join(","), i % 2)
        };
        std::iter::once("a,b,c,d,y\n".to_owned()).chain(rows.iter().enumerate().map(line)).collect::<String>()
    };
    let table = scratch.file("t.csv", csv(&|_, _, v| v));
    let model = scratch.path("m.json");
    run(&["evaluate", text(&table), "--label", "y", "--learner", "majority", "--save", text(&model)]);
    let warnings = |csv: String| {
        let table = scratch.file("o.csv", csv);
        let predicted = json(&run(&["predict", text(&model), text(&table), "--json"]));
        predicted["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(warnings(csv(&|_, _, v| v)).is_empty());
    // a fifth of the rows is not yet many, a row more is
    assert!(warnings(csv(&|i, j, v| if i < 20 && j == 1 { 1000 } else { v })).is_empty());
    let said = warnings(csv(&|i, j, v| if i < 21 && j == 1 { 1000 } else { v }));
    assert!(
        said[0].starts_with("21 of 100 rows (21 %) lie outside") && said[0].contains("most often in b 21 %:"),
        "{said:?}"
    );
    // three features at most, most often first
    let said = warnings(csv(&|i, j, v| if i < 30 + 10 * j { 1000 } else { v }));
    assert!(said[0].contains("60 of 100 rows") && said[0].contains("in d 60 %, c 50 %, b 40 %:"), "{said:?}");
    // a model of an earlier version has no ranges
    let mut old: serde_json::Value = serde_json::from_str(&fs::read_to_string(&model).unwrap()).unwrap();
    old.as_object_mut().unwrap().remove("trained_on");
    old.as_object_mut().unwrap().remove("settings");
    fs::write(&model, old.to_string()).unwrap();
    assert!(warnings(csv(&|_, _, _| 1000)).is_empty());
}
