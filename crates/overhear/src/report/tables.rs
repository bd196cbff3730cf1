//! The page's own tables: captures, learners, settings, files.

use crate::experiment::paper::PaperResult;
use crate::figure::number::{self, fixed, grouped, percent_with_interval, span};
use crate::figure::paper_numbers::{CAPTURED, LEARNERS};
use crate::figure::setting::spoken;
use crate::figure::{DataTable, best, style};

/// What was captured beside what the paper captured; its columns only where a condition is the paper's.
pub(super) fn captured(result: &PaperResult) -> DataTable {
    let papers = |name: &str| CAPTURED.iter().find(|p| p.condition == name);
    let compared = result.conditions.iter().any(|c| papers(&c.condition).is_some());
    let per_packet =
        |bytes: f64, packets: u64| if packets > 0 { fixed(bytes / packets as f64, 0) } else { dash() };
    let rows = result.conditions.iter().map(|c| {
        let paper = papers(&c.condition);
        let pairs = [
            (grouped(c.packets), paper.map(|p| grouped(p.packets))),
            (fixed(c.bytes as f64 / 1e6, 1), paper.map(|p| p.megabytes.to_string())),
            (
                per_packet(c.bytes as f64, c.packets),
                paper.map(|p| per_packet(p.megabytes as f64 * 1e6, p.packets)),
            ),
        ];
        let mut row = vec![c.condition.clone(), span(c.duration_s)];
        for (here, paper) in pairs {
            row.push(here);
            if compared {
                row.push(paper.unwrap_or_else(dash));
            }
        }
        row.push(if c.duration_s > 0.0 { fixed(c.packets as f64 / c.duration_s, 3) } else { dash() });
        row
    });
    let names = ["packets", "MB", "bytes a packet", "packets/s"];
    if !compared {
        let head: Vec<&str> = ["condition", "time"].into_iter().chain(names).collect();
        return DataTable::new("", 2, &head, rows.collect());
    }
    let head = ["condition", "time", "here", "paper", "here", "paper", "here", "paper", "here"];
    let groups = [("", 2)].into_iter().chain(names.into_iter().zip([2, 2, 2, 1]));
    DataTable::new("", 2, &head, rows.collect()).grouped(groups.map(|(g, n)| (g.to_owned(), n)).collect())
}

fn dash() -> String {
    number::NONE.to_owned()
}

/// Every learner at its best, per task.
pub(super) fn learners(result: &PaperResult) -> DataTable {
    let rows = result.scope.learners.iter().map(|name| {
        let kind = match name.as_str() {
            l if LEARNERS.contains(&l) => "the paper's",
            l if style::learner(l).baseline => "baseline",
            _ => "added",
        };
        let mut row = vec![style::learner(name).label, kind.to_owned()];
        for task in &result.scope.tasks {
            let found = best(result, &task.name, |c| c.learner == *name);
            row.push(
                found.map_or_else(dash, |(_, s)| percent_with_interval(s.accuracy, s.accuracy_interval)),
            );
            row.push(found.map_or_else(dash, |(c, _)| spoken(&c.windowing)));
        }
        row
    });
    let mut head = vec!["learner", "kind"];
    let mut groups = vec![(String::new(), 2)];
    for task in &result.scope.tasks {
        head.extend(["best accuracy (95 %)", "at"]);
        groups.push((format!("{} or {}", task.negative, task.positive), 2));
    }
    DataTable::new("", head.len(), &head, rows.collect()).grouped(groups)
}

/// What the run was made of, as names and values.
pub(super) fn settings(result: &PaperResult) -> Vec<(&'static str, String)> {
    let scope = &result.scope;
    let regressions: u64 = result.conditions.iter().map(|c| c.clock_regressions).sum();
    vec![
        ("program", format!("Overhear {}", scope.version)),
        ("device", scope.device.clone()),
        (
            "traffic",
            scope.generated.clone().map_or_else(|| "captured".to_owned(), |g| format!("generated: {g}")),
        ),
        ("seed", scope.seed.to_string()),
        ("folds", scope.folds.to_string()),
        ("windows", scope.windowings.join(" ")),
        ("learners", scope.learners.join(" ")),
        ("SVM training rows", format!("at most {}", grouped(scope.svm_rows as u64))),
        ("threads", scope.threads.to_string()),
        ("time taken", span(scope.elapsed_s)),
        ("timestamps raised", format!("{} that ran backwards", grouped(regressions))),
    ]
}

/// Every capture with its hash.
pub(super) fn files(result: &PaperResult) -> DataTable {
    let rows = result
        .conditions
        .iter()
        .flat_map(|c| c.captures.iter().map(|f| vec![c.condition.clone(), f.path.clone(), f.sha256.clone()]));
    DataTable::new("", 3, &["condition", "file", "SHA-256"], rows.collect())
}
