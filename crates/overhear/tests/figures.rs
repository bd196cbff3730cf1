//! Figures of a report: well-formed, safe with any name, and drawn from whatever a run has.

mod fixture;

use std::collections::HashSet;

use overhear::experiment::paper::{CorrelationMatrix, PaperResult};
use overhear::figure::{self, Figure};
use overhear::report::claims::claims;
use overhear::report::{self, ReportFile};

const HOSTILE: &str = "<script>alert('1')</script>\"&\u{1b}\0";

fn well_formed(svg: &str) {
    let document =
        roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{e}: {}", &svg[..svg.len().min(400)]));
    let root = document.root_element();
    for element in ["title", "desc"] {
        let found = root.children().find(|c| c.has_tag_name(("http://www.w3.org/2000/svg", element)));
        assert!(found.is_some_and(|c| c.text().is_some_and(|t| !t.trim().is_empty())), "no {element}");
    }
}

fn all_well_formed(result: &PaperResult) -> Vec<Figure> {
    let figures = figure::all(result);
    for figure in &figures {
        for panel in &figure.panels {
            well_formed(&panel.inline());
        }
        well_formed(&figure.to_file(result.scope.generated.as_deref()));
        for table in figure.tables.iter().chain(&figure.data) {
            assert!(
                table.rows.iter().all(|row| row.len() == table.head.len()),
                "{}: ragged table",
                figure.number
            );
        }
    }
    figures
}

/// Everything a run may lack must be drawn as lacking, never panic.
fn survives(result: &PaperResult) -> Vec<ReportFile> {
    all_well_formed(result);
    claims(result);
    report::files(result).expect("every result can be written")
}

const EVERY: [&str; 8] =
    ["Figure 4", "Figure 5", "Figure 6", "Figure 7", "Figure 8", "Figure 9", "Table 1", "Table 2"];

#[test]
fn every_figure_of_the_register_is_drawn_well_formed() {
    let figures = all_well_formed(&fixture::full());
    let numbers: Vec<&str> = figures.iter().map(|f| f.number.as_str()).collect();
    // the paper's, in its order; others may follow
    assert_eq!(numbers.len(), figure::REGISTER.len());
    assert_eq!(numbers[..EVERY.len()], EVERY);
}

#[test]
fn ids_are_unique_on_the_page() {
    let files = survives(&fixture::full());
    let page = std::str::from_utf8(&files[0].content).expect("the page is text");
    let mut seen = HashSet::new();
    for id in page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(seen.insert(id), "id {id} stands twice");
    }
    assert!(seen.len() > 40, "the search found {} ids", seen.len());
}

#[test]
fn a_hostile_name_is_text_wherever_it_stands() {
    let mut result = fixture::full();
    result.scope.device = HOSTILE.into();
    result.scope.generated = Some(HOSTILE.into());
    result.scope.learners.push(HOSTILE.into());
    result.scope.windowings.push(HOSTILE.into());
    for condition in &mut result.conditions {
        condition.condition = HOSTILE.into();
        condition.captures[0].path = HOSTILE.into();
    }
    for mean in &mut result.means {
        mean.condition = HOSTILE.into();
    }
    for matrix in &mut result.correlations {
        matrix.condition = HOSTILE.into();
    }
    for task in &mut result.scope.tasks {
        (task.negative, task.positive) = (HOSTILE.into(), HOSTILE.into());
    }
    for importance in &mut result.importances {
        importance.feature = HOSTILE.into();
    }
    let mut odd = result.cells[40].clone();
    odd.learner = HOSTILE.into();
    odd.left_out = Some(HOSTILE.into());
    result.cells.push(odd);
    for file in survives(&result).iter().filter(|f| f.path.ends_with(".html") || f.path.ends_with(".svg")) {
        let text = std::str::from_utf8(&file.content).expect("files are text");
        assert!(!text.contains("<script"), "{}", file.path);
        assert!(!text.contains('\0') || file.path.ends_with(".html"), "{}", file.path);
    }
}

#[test]
fn an_empty_result_is_a_report_all_the_same() {
    let mut result = fixture::full();
    result.conditions.clear();
    result.means.clear();
    result.correlations.clear();
    result.cells.clear();
    result.importances.clear();
    survives(&result);
    result.scope.tasks.clear();
    result.scope.windowings.clear();
    result.scope.learners.clear();
    result.scope.generated = None;
    survives(&result);
}

#[test]
fn a_task_without_cells_has_no_accuracy_figure() {
    let mut result = fixture::full();
    result.cells.retain(|c| c.task == "mic_on/mic_on_noise");
    survives(&result);
    let figures = figure::all(&result);
    let numbers: Vec<&str> = figures.iter().map(|f| f.number.as_str()).collect();
    assert!(!numbers.contains(&"Figure 6") && numbers.contains(&"Figure 7"));
}

#[test]
fn undefined_and_not_finite_numbers_are_left_out() {
    let mut result = fixture::full();
    for (k, mean) in result.means.iter_mut().enumerate() {
        mean.interval = None;
        mean.mean = [None, Some(f64::NAN), Some(0.0), Some(-3.0)][k % 4];
    }
    result.correlations[0].r = [[None; 4]; 4];
    result.correlations[1].r[0][1] = Some(f64::INFINITY);
    for (k, cell) in result.cells.iter_mut().enumerate() {
        match k % 3 {
            0 => {
                cell.score = None;
                cell.left_out = Some("fewer windows than folds".into());
            }
            1 => {
                let score = cell.score.as_mut().expect("the fixture scores every cell");
                score.accuracy = f64::NAN;
                score.accuracy_interval = (f64::NAN, f64::INFINITY);
                score.fit_s = f64::NAN;
                score.confusion = vec![vec![1], vec![]];
            }
            _ => {}
        }
    }
    for importance in &mut result.importances {
        importance.gini = None;
        importance.permutation = f64::NAN;
    }
    for file in survives(&result).iter().filter(|f| f.path.ends_with(".svg")) {
        let text = std::str::from_utf8(&file.content).expect("files are text");
        assert!(!text.contains("NaN") && !text.contains("inf\""), "{}", file.path);
    }
}

#[test]
fn one_windowing_and_one_condition_are_enough() {
    let mut result = fixture::full();
    result.scope.windowings = vec!["t=15".into()];
    result.cells.retain(|c| c.windowing == "t=15");
    survives(&result);
    result.scope.tasks.clear();
    result.cells.clear();
    result.conditions.truncate(1);
    result.means.retain(|m| m.condition == "mic_off");
    result.correlations.truncate(1);
    survives(&result);
}

#[test]
fn a_users_own_conditions_take_the_papers_places() {
    let mut result = fixture::full();
    result.scope.tasks = vec![fixture::task("lamp", "dark")];
    result.cells.retain(|c| c.task == "mic_off/mic_on");
    for cell in &mut result.cells {
        cell.task = "lamp/dark".into();
    }
    let figures = all_well_formed(&result);
    let six = figures.iter().find(|f| f.number == "Figure 6").expect("the only task is Figure 6");
    assert!(six.title.contains("lamp") && !figures.iter().any(|f| f.number == "Figure 7"));
}

#[test]
fn the_papers_numbers_stand_beside_its_own_tasks_alone() {
    let mut result = fixture::full();
    let first = |result: &PaperResult| {
        let table = figure::training_time::draw_by_time(result).expect("the table is drawn").tables.remove(0);
        table.rows[0][1].trim().to_owned()
    };
    assert_eq!(first(&result), "1.52");
    // Without the first task, the second keeps its place and its numbers.
    result.scope.tasks.remove(0);
    assert_eq!(first(&result), "1.55");
    let nine = figure::importance::draw(&result).expect("the second task has importances");
    assert!(
        nine.panels.len() == 1 && nine.panels[0].inline().matches("<polygon class=\"f-ink\"").count() == 4
    );
    result.scope.tasks = vec![fixture::task("lamp", "dark")];
    for cell in &mut result.cells {
        cell.task = cell.task.replace("mic_off/mic_on", "lamp/dark");
    }
    assert_eq!(first(&result), "–");
}

#[test]
fn a_setting_that_was_not_run_is_named() {
    let mut result = fixture::full();
    result.cells.retain(|c| c.windowing != "n=15");
    let eight = figure::all(&result)
        .into_iter()
        .find(|f| f.number == "Figure 8")
        .expect("the other setting is there");
    assert!(eight.caption.contains("Not in this run: Decision tree, N = 15"), "{}", eight.caption);
}

#[test]
fn the_strongest_pair_is_named_with_its_sign() {
    let mut r = [[Some(0.1); 4]; 4];
    (r[2][1], r[1][2]) = (Some(-0.6), Some(-0.6));
    let matrix = CorrelationMatrix { condition: "c".into(), r };
    let (_, _, strongest) = figure::correlations::strongest(&matrix).expect("six pairs are defined");
    assert_eq!(strongest, -0.6);
}
