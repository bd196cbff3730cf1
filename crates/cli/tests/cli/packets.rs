//! Packet tables and events: written, read wherever a capture is, and refused with what to do.

use super::skip::skipped;
use super::support::{DEVICE, Scratch, captures, fails, json, run, stderr, stdout, text};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The columns of a CSV table whose names are wanted, without the capture's name.
fn columns(csv: &str, wanted: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let places: Vec<usize> = (0..head.len()).filter(|&place| wanted(&head[place])).collect();
    assert!(!places.is_empty());
    lines.map(|cells| places.iter().map(|&place| cells[place].clone()).collect()).collect()
}

/// Whether a feature is of time, length and direction alone; the ids of a row, but for its capture, as well.
fn is_listed(name: &str) -> bool {
    let headers = ["n_tcp", "n_udp", "n_icmp", "n_addresses", "n_ports", "tcp_window", "ttl_"];
    let services = ["dns_", "ntp_", "discovery_", "tcp443_", "udp443_", "local_", "far_"];
    name != "capture" && !headers.iter().chain(&services).any(|prefix| name.starts_with(prefix))
}

/// Runs the program with a file as its standard input.
fn piped(arguments: &[&str], input: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overhear"));
    command.args(arguments).stdin(File::open(input).unwrap()).output().unwrap()
}

#[test]
fn the_features_of_a_packet_table_are_those_of_its_capture() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let capture = &captures(&campaign, "mic_on_noise")[0];
    let windows = ["-W", "t=15", "-W", "n=20", "--features", "full"];
    for observer in ["gateway", "isp", "wifi", "tunnel"] {
        let table = scratch.path("packets.csv");
        let of_device = ["--device", DEVICE, "--observer", observer];
        run(&[&["packets", text(capture), "-o", text(&table)], &of_device[..]].concat());
        let expected = stdout(&run(&[&["features", text(capture)], &windows[..], &of_device].concat()));
        // of one device, and seen by everybody alike
        let found = stdout(&run(&[&["features", text(&table), "--observer", "isp"], &windows[..]].concat()));
        assert!(found.lines().count() > 20);
        assert_eq!(columns(&found, is_listed), columns(&expected, is_listed), "{observer}");
        assert!(!found.contains("n_tcp") && found.lines().next().unwrap().ends_with("in_burst_bytes_max"));
    }
    // what was written is read back to the same bytes, from standard input too
    let table = scratch.path("packets.csv");
    let again = stdout(&run(&["packets", text(&table)]));
    assert_eq!(again, fs::read_to_string(&table).unwrap());
    assert!(again.starts_with("time_s,size_bytes,direction\n17"), "{again:.80}");
    let piped = piped(&["packets", "-", "--relative"], &table);
    assert!(stdout(&piped).contains("\n0.000000000,"), "{}", stderr(&piped));
    // several traces in one table are told apart
    let both = stdout(&run(&["packets", text(&table), text(&table), "--relative"]));
    let keyed = scratch.file("both.csv", both.replacen(text(&table), "other", 1 + again.lines().count() / 2));
    assert!(both.starts_with("capture,stretch,time_s,size_bytes,direction\n"));
    assert!(
        fails(&["features", text(&keyed), "-W", "t=15"], 1).contains("capture, stretch tell traces apart")
    );
}

#[test]
fn a_packet_table_goes_wherever_a_capture_goes() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(2);
    let as_wifi = ["--device", DEVICE, "--observer", "wifi"];
    let tables: Vec<(String, PathBuf, PathBuf)> = ["mic_on", "mic_on_noise"]
        .into_iter()
        .flat_map(|condition| captures(&campaign, condition).into_iter().map(move |path| (condition, path)))
        .enumerate()
        .map(|(number, (condition, capture))| {
            let table = scratch.path(&format!("{number}.csv"));
            run(&[&["packets", text(&capture), "-o", text(&table)], &as_wifi[..]].concat());
            (condition.to_owned(), capture, table)
        })
        .collect();

    // an audit says of the tables what it says of the captures
    let quick = ["--learner", "knn", "--permutations", "9", "-q", "--json", "-W", "t=15"];
    let audited = |named: Vec<String>, more: &[&str]| {
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        json(&run(&[&["audit"], &named[..], more, &quick].concat()))
    };
    let of = |pick: fn(&(String, PathBuf, PathBuf)) -> &PathBuf| -> Vec<String> {
        tables.iter().map(|one| format!("{}={}", one.0, text(pick(one)))).collect()
    };
    let captured = audited(of(|one| &one.1), &as_wifi);
    let listed = audited(of(|one| &one.2), &["--observer", "wifi"]);
    for field in ["p", "statistics", "answer", "rounds"] {
        assert!(!captured["findings"][0][field].is_null(), "{field}");
        assert_eq!(listed["findings"][0][field], captured["findings"][0][field], "{field}");
    }

    // a model of windows predicts a packet table, though its name ends as a table of features does
    let windows: String = tables[..2]
        .iter()
        .chain(&tables[2..])
        .map(|(condition, _, table)| {
            stdout(&run(&["features", text(table), "-W", "n=20", "--condition", condition]))
        })
        .collect();
    let (windows, model) = (scratch.file("windows.csv", windows), scratch.path("model.json"));
    let saving =
        ["evaluate", text(&windows), "--label", "condition", "--learner", "knn", "--split", "k-fold:3"];
    run(&[&saving[..], &["--save", text(&model), "--observer", "wifi"]].concat());
    let predicted = stdout(&run(&["predict", text(&model), text(&tables[0].2)]));
    let of_windows = stdout(&run(&["predict", text(&model), text(&windows)]));
    assert!(predicted.lines().count() > 3);
    assert!(of_windows.starts_with(&predicted), "{predicted:.200}\n{of_windows:.200}");

    // nobody can be told apart by it
    let said = fails(&["inspect", text(&tables[0].2)], 1);
    assert!(said.contains("is a packet table: it is of one device"), "{said}");
    let said = fails(&["packets", text(&tables[0].1)], 2);
    assert!(said.contains("add --device") && said.contains("overhear inspect"), "{said}");
}

#[test]
fn a_packet_table_with_a_fault_is_refused_with_line_and_remedy() {
    let scratch = Scratch::new();
    for (table, wanted) in [
        ("time_s,size_bytes\n0,40\n", "line 1: a packet table needs direction"),
        (
            "time_s,size_bytes,direction\n0,40,1\n1,-40,1\n",
            "line 3: the size \"-40\" is none; a size is never negative",
        ),
        ("time_s,size_bytes,direction\n0,40,1\n1,40.5,1\n", "line 3: the size \"40.5\" is none"),
        (
            "time_s,size_bytes,direction\n9,40,1\n1,40,1\n",
            "line 3: the time 1.000000000 lies more than a second before",
        ),
        ("time_s,size_bytes,direction\nsoon,40,1\n", "line 2: the time \"soon\" is none; write seconds"),
        ("0.1,40,1\n0.2,40,-1\n", "write time_s,size_bytes,direction"),
    ] {
        let path = scratch.file("t.csv", table);
        for command in [&["features", "-W", "t=2"][..], &["events"], &["packets"]] {
            let said = fails(&[command, &[text(&path)]].concat(), 1);
            assert!(said.contains(wanted) && said.contains("t.csv, line "), "{command:?}: {said}");
        }
    }
}

/// A packet table of an idle level of four packets a second from 2026 on, in which a burst of 40 begins at some seconds.
fn evening(bursts: &[u64]) -> String {
    let mut csv = "time_s,size_bytes,direction\n".to_owned();
    for second in 0..300_u64 {
        let packets = if bursts.contains(&second) { 40 } else { 4 };
        for packet in 0..packets {
            let (size, direction) = (60 + 7 * packet, if packet % 3 == 0 { -1 } else { 1 });
            let _ = writeln!(csv, "{}.{:03},{size},{direction}", 1_793_527_200 + second, packet * 20);
        }
    }
    csv
}

#[test]
fn events_are_found_over_the_idle_level_and_compared_with_what_is_known() {
    let scratch = Scratch::new();
    let capture = scratch.file("evening.csv", evening(&[50, 52, 120, 200]));
    let table = scratch.path("events.csv");
    let found = run(&["events", text(&capture), "--sequence", "3", "-v", "-o", text(&table)]);
    assert!(stderr(&found).contains("the idle level is 4 packets a second, a second is active above 10"));
    let csv = fs::read_to_string(&table).unwrap();
    let ids = ["windowing", "window", "start_ns", "n_packets", "size_1", "size_2", "size_3"];
    let row = |number: &str, second: u64, packets: &str| {
        let start_ns = format!("{}000000000", 1_793_527_200 + second);
        ["event", number, &start_ns, packets, "-60", "67", "74"].map(str::to_owned).to_vec()
    };
    let expected = [row("0", 50, "84"), row("1", 120, "40"), row("2", 200, "40")];
    assert_eq!(columns(&csv, |name| ids.contains(&name)), expected);
    assert!(!csv.contains("n_tcp"), "nobody sees headers in a packet table");
    let count =
        |more: &[&str]| stdout(&run(&[&["events", text(&capture)], more].concat())).lines().count() - 1;
    assert_eq!(count(&["--gap", "0s"]), 4);
    assert_eq!(count(&["--min-packets", "41"]), 1);
    assert_eq!(count(&["--level", "30"]), 0);
    let none = stderr(&run(&["events", text(&capture), "--factor", "99"]));
    assert!(none.contains("no event") && none.contains("--factor"), "{none}");

    // what was said when: one event that was not found, and one found that nobody knows of
    let said = "condition,start,duration_s\nlight,2026-11-01T10:00:50Z,3\nweather,2026-11-01T10:02:00Z,1\nlight,2026-11-01T10:04:40Z,5\n";
    let times = scratch.file("said.csv", said);
    let arguments = ["events", text(&capture), "--compare", text(&times), "-o", text(&table)];
    let told = stdout(&run(&arguments));
    assert!(
        told.starts_with("2 of 3 found events overlap one written down; 2 of 3 written down are met"),
        "{told}"
    );
    let agreement = &json(&run(&[&arguments[..], &["--json"]].concat()))["agreement"];
    assert_eq!(
        [&agreement["found"], &agreement["right"], &agreement["written"], &agreement["met"]],
        [3, 2, 3, 2]
    );
    let conditions = columns(&fs::read_to_string(&table).unwrap(), |name| name == "condition");
    assert_eq!(conditions.concat(), ["light", "weather", ""]);

    // two readings need a file
    let piped = stderr(&piped(&["events", "-"], &capture));
    assert!(piped.contains("standard input is read once"), "{piped}");
}

/// Traces of three commands by two collectors, as others publish them: each on a clock of its own.
fn published() -> String {
    let mut csv = "command,collector,take,time_s,size_bytes,direction\n".to_owned();
    for (number, command) in ["light", "weather", "joke"].into_iter().enumerate() {
        for (shift, collector) in ["a", "b"].into_iter().enumerate() {
            for take in 1..=4 {
                for packet in 0..(30 + 20 * number) {
                    let size = 100 + 300 * number + (packet * 37 + take * 11 + shift * 5) % 90;
                    let direction = ["in", "out"][packet % 2];
                    let _ = writeln!(
                        csv,
                        "{command},{collector},{take},{}.{packet:02},{size},{direction}",
                        packet / 25
                    );
                }
            }
        }
    }
    csv
}

#[test]
fn published_traces_are_events_that_every_command_takes() {
    let scratch = Scratch::new();
    let packets = scratch.file("commands.csv", published());
    let table = scratch.path("events.csv");
    run(&["events", text(&packets), "-o", text(&table)]);
    let csv = fs::read_to_string(&table).unwrap();
    assert_eq!(csv.lines().count(), 1 + 24);
    assert!(
        csv.starts_with("capture,command,collector,take,condition,unit,windowing,window,start_ns,n_packets,")
    );
    let row = columns(&csv, |name| {
        ["command", "collector", "take", "windowing", "start_ns", "n_packets"].contains(&name)
    });
    assert_eq!(row[23], ["joke", "b", "4", "trace", "", "70"], "a clock of its own is no date");
    let piped = piped(&["events", "-", "--keys", "command,collector,take"], &packets);
    assert_eq!(stdout(&piped), csv.replace(text(&packets), "-"));

    // what tells traces apart is no feature, unless it is asked for
    let learner = ["--label", "command", "--learner", "decision_tree", "--json"];
    let score = |more: &[&str]| json(&run(&[&["evaluate", text(&table)], &learner[..], more].concat()));
    let score = &score(&["--split", "column:collector"])["learners"][0];
    assert_eq!((score["n_features"].as_u64(), score["accuracy"].as_f64()), (Some(90), Some(1.0)), "{score}");
    let model = scratch.path("model.json");
    let saving = ["--split", "column:take", "--save", text(&model), "--observer", "wifi"];
    run(&[&["evaluate", text(&table)], &learner[..], &saving].concat());
    let predicted =
        columns(&stdout(&run(&["predict", text(&model), text(&table)])), |name| name == "predicted");
    assert_eq!(predicted.concat(), columns(&csv, |name| name == "command").concat());
    let said = fails(&["predict", text(&model), text(&scratch.file("one.csv", evening(&[7])))], 2);
    assert!(said.contains("fitted on events") && said.contains("overhear events"), "{said}");
    let audit =
        ["--label", "command", "--unit", "take", "--learner", "knn", "--permutations", "19", "-q", "--json"];
    let verdict = json(&run(&[&["audit", "--table", text(&table)], &audit[..]].concat()));
    assert!(
        verdict["verdict"].as_str().unwrap().starts_with("INCONCLUSIVE: 4 units are too few"),
        "{}",
        verdict["verdict"]
    );

    // rows of one trace stand together, and columns that are not there tell nothing apart
    assert!(fails(&["events", text(&packets), "--keys", "take"], 1).contains("the trace 1 was there before"));
    let unknown = fails(&["events", text(&packets), "--keys", "room"], 1);
    assert!(
        unknown.contains("no column \"room\"") && unknown.contains("command, collector, take"),
        "{unknown}"
    );
    let taken = scratch.file("taken.csv", published().replacen("take", "n_packets", 1));
    assert!(fails(&["events", text(&taken)], 1).contains("\"n_packets\" has the name of another column"));
    // a column that differs from row to row tells every row apart, and whoever wants the capture whole says so
    let numbered =
        scratch.file("numbered.csv", "id,time,size,direction\n1,0,40,1\n2,0.5,41,-1\n3,0.7,42,1\n");
    let found = run(&["events", text(&numbered)]);
    assert!(stderr(&found).contains("every row is a trace of its own, as id differ"), "{}", stderr(&found));
    let nameless = scratch.file("nameless.csv", ",time,size,direction\n0,0.0,40.0,1.0\n1,0.5,41.0,-1.0\n");
    let whole = stdout(&run(&["events", text(&nameless), "--whole"]));
    let row = columns(&whole, |name| ["windowing", "n_packets", "in_bytes"].contains(&name));
    assert_eq!(row, [["trace", "2", "41"]]);
    // found inside the traces instead: each of them is one burst
    let found = stdout(&run(&["events", text(&packets), "--find", "--level", "0", "--floor", "0"]));
    assert_eq!(found.lines().count(), 1 + 24);
}

#[test]
fn events_of_a_capture_need_its_device_for_directions() {
    let scratch = Scratch::new();
    let campaign = scratch.campaign(1);
    let capture = &captures(&campaign, "mic_on_noise")[0];
    let said = stderr(&run(&["events", text(capture), "-o", text(&scratch.path("e.csv"))]));
    assert!(said.contains("no device is named, so directions are unknown"), "{said}");
    let of_device = run(&["events", text(capture), "--device", DEVICE, "--sequence", "5"]);
    assert!(!stderr(&of_device).contains("no device is named"), "{}", stderr(&of_device));
    let sizes = columns(&stdout(&of_device), |name| name.starts_with("size_"));
    assert!(!sizes.is_empty() && sizes.concat().iter().all(|size| !size.is_empty()));
    assert!(
        fails(&["events", text(Path::new(capture)), "--device", "02:00:00:00:00:99"], 1)
            .contains("no packet of")
    );
}

/// A published file beside the repository; `None` where it is absent.
fn public(path: &str) -> Option<PathBuf> {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if !whole.exists() {
        skipped(&format!("../shared/data/{path} is absent"));
    }
    Some(whole).filter(|path| path.exists())
}

/// docs/evidence.md: what random folds promise of 30 spoken commands, and what is left of it on another collector's network.
#[test]
fn spoken_commands_are_told_apart_by_those_who_have_heard_this_very_network() {
    let Some(commands) = public("vcfp/voice-commands.csv.gz") else { return };
    let scratch = Scratch::new();
    let accuracy = |features: &str, split: &str| {
        let table = scratch.path(&format!("{features}.csv"));
        run(&["events", text(&commands), "--features", features, "-o", text(&table)]);
        assert_eq!(fs::read_to_string(&table).unwrap().lines().count(), 1 + 300);
        let learner = ["--label", "command", "--split", split, "--learner", "extra_trees", "--json", "-q"];
        json(&run(&[&["evaluate", text(&table)], &learner[..]].concat()))["learners"][0]["accuracy"]
            .as_f64()
            .unwrap()
    };
    let [random, across] =
        ["k-fold:5", "column:collector"].map(|split| accuracy("direction,histogram", split));
    assert!(random >= 0.78 && across <= 0.36, "{random} {across}");
    let [random, across] = ["k-fold:5", "column:collector"].map(|split| accuracy("paper", split));
    assert!((0.34..=0.46).contains(&random) && across <= 0.31, "{random} {across}");
}

/// docs/evidence.md: whoever looks, from the router to outside a VPN, one burst stands out where the wake word was heard.
#[test]
fn a_wake_word_is_one_event_to_every_observer() {
    let Some(capture) = public("speakers/echo-dot-wake.pcap") else { return };
    for observer in ["gateway", "isp", "wifi", "tunnel"] {
        let found = run(&["events", text(&capture), "--device", "68:db:f5:90:19:64", "--observer", observer]);
        let rows = columns(&stdout(&found), |name| {
            ["start_ns", "duration_s", "out_bytes", "in_bytes"].contains(&name)
        });
        let [row] = &rows[..] else { panic!("{observer}: {rows:?}") };
        let [start_ns, duration_s, out, into] = [0, 1, 2, 3].map(|place| row[place].parse::<f64>().unwrap());
        assert!(
            (start_ns / 1e9 - 1_573_894_026.3).abs() < 0.1 && (5.5..6.0).contains(&duration_s),
            "{row:?}"
        );
        assert!(out > 200_000.0 && into < 65_000.0, "{observer}: {row:?}");
    }
}

/// What random folds hide is said where the rows have units.
#[test]
fn random_folds_of_rows_with_units_say_what_they_hide() {
    let scratch = Scratch::new();
    let rows: Vec<String> = (0..24).map(|i| format!("{},{},{}", i % 2, i / 6, i * 7 % 5)).collect();
    let table = scratch.file("table.csv", format!("y,home,a\n{}\n", rows.join("\n")));
    let said = |more: &[&str]| {
        let arguments = ["evaluate", text(&table), "--label", "y", "--learner", "knn:k=1"];
        stdout(&run(&[&arguments[..], more].concat()))
    };
    assert!(said(&["--split", "k-fold:3"]).contains("k-fold:3, random over rows: optimistic"));
    let with_unit = said(&["--unit", "home", "--split", "k-fold:3"]);
    assert!(with_unit.contains("rows of one home are both trained on and tested"), "{with_unit}");
    assert!(with_unit.contains("--split by-unit leaves whole ones out"));
    assert!(said(&["--unit", "home", "--split", "by-unit"]).contains("whole units left out"));
}
