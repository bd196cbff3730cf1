//! What a gate says: lines for a person, JSON, JUnit XML for a build server, Markdown for its summary page.

use super::{ReportFile, audit, file, place};
use crate::Error;
use crate::experiment::audit::AuditResult;
use crate::experiment::audit::Horizon;
use crate::experiment::audit::gate::{GateDecision, GateLine, worst};
use crate::experiment::audit::result::Finding;
use crate::figure::svg::escape;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// A gate's decision, and what it was taken on.
#[derive(Debug, Clone)]
pub struct Gate {
    /// What is limited.
    pub measure: &'static str,
    /// The limit.
    pub limit: f64,
    /// One horizon alone; `None`: all.
    pub horizon: Option<Horizon>,
    /// Every figure that was decided.
    pub lines: Vec<GateLine>,
    /// The audits behind it: one, or two that are compared.
    pub results: Vec<AuditResult>,
}

/// `within`, `inconclusive` or `above`.
pub fn name(decision: GateDecision) -> &'static str {
    match decision {
        GateDecision::Within => "within",
        GateDecision::Inconclusive => "inconclusive",
        GateDecision::Above => "above",
    }
}

impl Gate {
    /// The decision: that of the worst line.
    pub fn decision(&self) -> GateDecision {
        worst(&self.lines)
    }

    fn is_comparison(&self) -> bool {
        self.results.len() > 1
    }

    /// What was found at one line.
    fn found(&self, line: &GateLine) -> String {
        match (line.value, line.low, line.high) {
            (Some(value), Some(low), Some(high)) => {
                format!("{value:.3} (at least {low:.3}, at most {high:.3})")
            }
            _ if line.because.is_none() && self.is_comparison() => {
                "is not known: one campaign lacks it".to_owned()
            }
            _ if line.because.is_none() => "is not known there: the rows have no times".to_owned(),
            _ => "is not known: too few units for an interval".to_owned(),
        }
    }

    /// The findings that keep a line from being decided, with the audit they are of.
    fn forbidding<'a>(&'a self, line: &'a GateLine) -> impl Iterator<Item = (&'a AuditResult, &'a Finding)> {
        let of = |result: &'a AuditResult| result.findings.iter().map(move |finding| (result, finding));
        let is_its = move |finding: &Finding| line.task == finding.task && line.observer == finding.observer;
        let forbids = line.because.is_some();
        self.results.iter().flat_map(of).filter(move |(_, finding)| forbids && is_its(finding))
    }

    /// A line for each figure, then why some are not decided.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let horizon = line.horizon.map_or(String::new(), |horizon| format!(", {horizon}"));
            let _ = writeln!(
                out,
                "{}: {}, {}{horizon}: {} {}, limit {}",
                name(line.decision),
                line.task,
                line.observer,
                self.measure,
                self.found(line),
                self.limit
            );
        }
        let mut said: Vec<String> = Vec::new();
        for (result, finding) in self.lines.iter().flat_map(|line| self.forbidding(line)) {
            let line = audit::sentence::line(result, finding);
            let why = format!("{}, {}: {line}\n", finding.task, finding.observer);
            if !said.contains(&why) {
                said.push(why);
            }
        }
        out.push_str(&said.concat());
        if self.lines.is_empty() {
            out.push_str("inconclusive: the two campaigns have no task and horizon in common\n");
        }
        out
    }

    /// The document of `--json`, schema `overhear/gate/1`.
    pub fn document(&self) -> serde_json::Value {
        let campaign = |result: &AuditResult| {
            let left_out: Vec<usize> = (0..result.schedule.len())
                .filter(|&index| result.left_out(index).is_some())
                .map(|index| index + 1)
                .collect();
            json!({
                "device": result.scope.device,
                "generated": result.scope.generated,
                "units": result.scope.units,
                "paired": result.scope.paired,
                "hours": result.scope.hours,
                "rounds": result.schedule.len(),
                "rounds_left_out": left_out,
                "caveats": result.caveats,
                "seed": result.scope.seed,
                "permutations": result.scope.permutations,
                "learners": result.scope.learners,
                "windowings": result.scope.windowings,
                "sequences": result.scope.sequences,
                "version": result.scope.version,
            })
        };
        json!({
            "schema": "overhear/gate/1",
            "measure": self.measure,
            "horizon": self.horizon,
            "limit": self.limit,
            "decision": name(self.decision()),
            "lines": self.lines,
            "campaigns": self.results.iter().map(campaign).collect::<Vec<_>>(),
        })
    }

    /// JUnit XML: a test case for each figure; above the limit is a failure, inconclusive an error.
    pub fn junit(&self) -> String {
        let count = |wanted| self.lines.iter().filter(|line| line.decision == wanted).count();
        // a gate without a line is inconclusive
        let (failures, errors) = (count(GateDecision::Above), count(GateDecision::Inconclusive));
        let (tests, errors) = if self.lines.is_empty() { (1, 1) } else { (self.lines.len(), errors) };
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"overhear gate\" tests=\"{tests}\" \
             failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\">\n"
        );
        for line in &self.lines {
            let class = attribute(&format!("{} as {} sees it", line.task, line.observer));
            let case = line.horizon.map_or("all horizons".to_owned(), |horizon| horizon.to_string());
            let found = attribute(&format!("{} {}, limit {}", self.measure, self.found(line), self.limit));
            let _ = write!(out, "<testcase classname=\"{class}\" name=\"{}\">", attribute(&case));
            let why: Vec<String> =
                self.forbidding(line).map(|(result, f)| audit::sentence::line(result, f)).collect();
            match line.decision {
                GateDecision::Within => {}
                GateDecision::Above => {
                    let _ = write!(out, "<failure message=\"{found}\"/>");
                }
                GateDecision::Inconclusive => {
                    let why = attribute(&why.join("; "));
                    let _ = write!(out, "<error message=\"inconclusive: {found}\">{why}</error>");
                }
            }
            let _ = writeln!(out, "<system-out>{found}</system-out></testcase>");
        }
        if self.lines.is_empty() {
            out.push_str(
                "<testcase classname=\"overhear\" name=\"compare\"><error message=\"the two campaigns have no task and \
                 horizon in common\"/></testcase>\n",
            );
        }
        out + "</testsuite>\n</testsuites>\n"
    }

    /// Markdown for the summary page of a build.
    pub fn summary(&self) -> String {
        let head = match self.decision() {
            GateDecision::Within => "✅ within the limit",
            GateDecision::Inconclusive => "⚠️ inconclusive",
            GateDecision::Above => "❌ above the limit",
        };
        let mut out = format!("## Overhear gate: {head}\n\n");
        for generated in self.results.iter().filter_map(|result| result.scope.generated.as_deref()) {
            let _ = writeln!(out, "**Generated traffic** ({})\n", cell(generated));
        }
        let _ = writeln!(out, "| | comparison | observer | horizon | {} | limit |", self.measure);
        out.push_str("|---|---|---|---|---|---|\n");
        for line in &self.lines {
            let horizon = line.horizon.map_or("all".to_owned(), |horizon| horizon.to_string());
            let _ = writeln!(
                out,
                "| {} | {} | {} | {horizon} | {} | {} |",
                name(line.decision),
                cell(&line.task),
                line.observer,
                cell(&self.found(line)),
                self.limit
            );
        }
        if self.lines.is_empty() {
            out.push_str("\nThe two campaigns have no task and horizon in common.\n");
        }
        let mut known: Vec<String> =
            self.results.iter().flat_map(|result| super::caveats::lines(&result.caveats)).collect();
        known.extend(
            self.lines
                .iter()
                .flat_map(|line| self.forbidding(line))
                .map(|(result, f)| audit::sentence::line(result, f)),
        );
        known.dedup();
        if !known.is_empty() {
            out.push_str("\nWhat is known of the data:\n\n");
            known.iter().for_each(|line| {
                let _ = writeln!(out, "- {}", cell(line));
            });
        }
        out
    }

    /// Writes `gate.json`, `junit.xml`, `summary.md` and the audit's report (of a comparison both, in `old` and `new`).
    ///
    /// # Errors
    /// Where a file cannot be written or `directory` is a file; what was there before is then still there.
    pub fn write(&self, directory: &Path) -> Result<(), Error> {
        let mut files = vec![
            file("gate.json", format!("{:#}\n", self.document()).into_bytes()),
            file("junit.xml", self.junit().into_bytes()),
            file("summary.md", self.summary().into_bytes()),
        ];
        let places: &[&str] = if self.is_comparison() { &["old/", "new/"] } else { &[""] };
        for (place, result) in places.iter().zip(&self.results) {
            let placed = |own: ReportFile| ReportFile { path: format!("{place}{}", own.path), ..own };
            files.extend(audit::files(result)?.into_iter().map(placed));
        }
        place::put(&files, directory)
    }
}

/// Text for XML: escaped, and without the control characters that XML forbids.
fn attribute(text: &str) -> String {
    escape(&text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>())
}

/// A cell of a Markdown table; nothing in it is markup.
fn cell(text: &str) -> String {
    let plain = |c: char| match c {
        '|' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' => format!("\\{c}"),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::audit::view::Vantage;

    fn line(task: &str, decision: GateDecision) -> GateLine {
        GateLine {
            task: task.to_owned(),
            observer: Vantage::Table,
            horizon: Some(Horizon::Round),
            value: Some(0.7),
            low: Some(0.6),
            high: Some(0.8),
            p: Some(0.001),
            order: None,
            decision,
            because: None,
        }
    }

    fn gate(lines: Vec<GateLine>) -> Gate {
        Gate { measure: "balanced accuracy", limit: 0.65, horizon: None, lines, results: Vec::new() }
    }

    #[test]
    fn a_build_server_counts_failures_and_errors() {
        use GateDecision::{Above, Inconclusive, Within};
        let gate = gate(vec![line("a/b", Within), line("<\"a\u{1}\">/b", Above), line("a/c", Inconclusive)]);
        let xml = gate.junit();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
        let count = |name| suite.attribute(name).unwrap().parse::<usize>().unwrap();
        assert_eq!((count("tests"), count("failures"), count("errors")), (3, 1, 1));
        let cases = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
        assert_eq!((cases("testcase"), cases("failure"), cases("error")), (3, 1, 1));
        assert!(gate.summary().starts_with("## Overhear gate: ❌ above the limit"));
        assert!(gate.summary().contains("\\<\"a \"\\>/b"), "{}", gate.summary());
    }

    #[test]
    fn a_gate_without_a_line_is_an_error() {
        let gate = gate(Vec::new());
        assert_eq!(gate.decision(), GateDecision::Inconclusive);
        let xml = gate.junit();
        roxmltree::Document::parse(&xml).unwrap();
        assert!(xml.contains("tests=\"1\"") && xml.contains("errors=\"1\""));
    }
}
