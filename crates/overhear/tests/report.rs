//! A report on disk: its files, their fields, and that it is whole or not there.

mod fixture;

use std::fs;

use overhear::experiment::paper::PaperResult;
use overhear::report;

fn text(path: &str) -> String {
    let files = report::files(&fixture::full()).expect("the fixture can be written");
    let file = files.into_iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(file.content).expect("every file is text")
}

#[test]
fn tables_have_the_published_columns() {
    let heads = [
        (
            "accuracy.csv",
            "task,windowing,learner,split,n_windows,accuracy,accuracy_std,balanced_accuracy,auc",
        ),
        ("training_time.csv", "task,windowing,learner,fit_s,predict_s"),
        ("importance.csv", "task,windowing,learner,feature,kind,value"),
        ("correlation.csv", "condition,a,b,r"),
    ];
    for (file, head) in heads {
        assert_eq!(text(file).lines().next(), Some(head), "{file}");
    }
    assert_eq!(text("accuracy.csv").lines().count(), 1 + 2 * 20 * 9);
    assert!(text("accuracy.csv").contains("mic_off/mic_on,t=15,knn,k-fold:10,"));
    assert!(text("importance.csv").contains(",length_mean,gini,"));
    assert!(text("correlation.csv").contains("mic_on_noise,length,ttl,0.47"));
}

#[test]
fn floats_read_back_to_the_same_bits() {
    let result = fixture::full();
    let table = text("accuracy.csv");
    let last = table.lines().last().expect("the table has rows").split(',').nth(5).expect("an accuracy");
    let score = result.cells.last().and_then(|c| c.score.as_ref()).expect("the fixture scores every cell");
    assert_eq!(last.parse::<f64>(), Ok(score.accuracy));
}

#[test]
fn json_carries_the_schema_the_result_and_the_claims() {
    let json: serde_json::Value = serde_json::from_str(&text("report.json")).expect("it is JSON");
    assert_eq!(json["schema"], "overhear/report/1");
    assert_eq!(json["kind"], "reproduce");
    assert_eq!(json["scope"]["seed"], 1);
    assert_eq!(json["cells"].as_array().map(Vec::len), Some(360));
    assert!(
        json["claims"].as_array().is_some_and(|c| c.len() >= 15 && c.iter().all(|c| c["holds"].is_string()))
    );
}

#[test]
fn the_page_needs_no_network_and_no_script() {
    let page = text("report.html");
    for part in ["<script", " src=", "@import", "url(http", "<link"] {
        assert!(!page.contains(part), "{part}");
    }
    for number in
        ["Figure 4", "Figure 5", "Figure 6", "Figure 7", "Figure 8", "Figure 9", "Table 1", "Table 2"]
    {
        assert!(page.contains(&format!("<b>{number}.</b>")), "{number}");
    }
    assert!(page.contains("this is no verdict") && page.contains("Generated traffic"));
}

#[test]
fn generated_traffic_is_called_so_in_every_figure_and_captured_is_not() {
    let mut result = fixture::full();
    let count = |result: &PaperResult| {
        let files = report::files(result).expect("the fixture can be written");
        let of = |f: &report::ReportFile| String::from_utf8_lossy(&f.content).contains("Generated traffic");
        files.iter().filter(|f| f.path.ends_with("svg") && of(f)).count()
    };
    assert_eq!(count(&result), 8);
    result.scope.generated = None;
    assert_eq!(count(&result), 0);
}

#[test]
fn an_earlier_report_is_replaced_as_a_whole() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let directory = place.path().join("deep/report");
    report::write(&fixture::full(), &directory).expect("a new directory is made");
    fs::write(directory.join("figures/old.svg"), "left over").expect("the report is ours to change");
    let mut result = fixture::quick();
    result.scope.seed = 7;
    report::write(&result, &directory).expect("the earlier report is replaced");
    assert!(!directory.join("figures/old.svg").exists());
    assert!(fs::read_to_string(directory.join("report.json")).expect("it is there").contains("\"seed\": 7"));
    let left: Vec<_> = fs::read_dir(place.path().join("deep")).expect("it is there").collect();
    assert_eq!(left.len(), 1, "nothing is left beside the report: {left:?}");
}

#[test]
fn files_that_are_not_ours_stay() {
    let place = tempfile::tempdir().expect("a temporary directory");
    fs::write(place.path().join("thesis.txt"), "mine").expect("it is writable");
    report::write(&fixture::quick(), place.path()).expect("the report is written beside");
    assert_eq!(fs::read_to_string(place.path().join("thesis.txt")).expect("it stays"), "mine");
    assert!(place.path().join("report.html").exists() && place.path().join("figures/figure-6.svg").exists());
}

#[test]
fn a_file_in_the_way_is_refused_and_kept() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path = place.path().join("report");
    fs::write(&path, "mine").expect("it is writable");
    let error = report::write(&fixture::quick(), &path).expect_err("a file is no directory").to_string();
    assert!(error.contains("is a file; a report is a directory"), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("it stays"), "mine");
}
