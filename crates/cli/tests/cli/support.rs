//! Running the program, and a directory for what it writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory of this test's own, removed at its end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("overhear-cli-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), contents).unwrap();
        self.path(name)
    }

    /// A small generated crossover campaign.
    pub fn campaign(&self, pairs: u32) -> PathBuf {
        let directory = self.path("campaign");
        let pairs = pairs.to_string();
        let arguments = ["synth", "--scenario", "crossover", "--pairs", &pairs, "--round", "8m", "-o"];
        run(&[&arguments[..], &[text(&directory)]].concat());
        directory
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The generated device.
pub const DEVICE: &str = "02:00:00:00:00:01";

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub fn overhear(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_overhear")).args(arguments).output().unwrap()
}

/// Runs the program, which must succeed.
pub fn run(arguments: &[&str]) -> Output {
    let output = overhear(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    output
}

/// Runs the program, which must end with an exit code; what it said on standard error.
pub fn fails(arguments: &[&str], code: i32) -> String {
    let output = overhear(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    stderr(&output)
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Everything it said.
pub fn said(output: &Output) -> String {
    stdout(output) + &stderr(output)
}

pub fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Captures of one condition: the part after the round's number is exactly the condition.
pub fn captures(campaign: &Path, condition: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(campaign.join("rounds")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().1 == condition);
    paths.sort();
    paths
}
