//! What is said on standard error: warnings always, progress only to a person.

use crate::options::Common;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use overhear::progress::Progress;
use overhear::report::terminal::Look;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Standard error, and whether a person reads it.
pub struct Terminal {
    quiet: bool,
    verbose: bool,
    colour: bool,
    bar: Mutex<Option<ProgressBar>>,
    stop: Arc<AtomicBool>,
}

impl Terminal {
    /// Looks at the options and at standard error.
    pub fn new(common: &Common) -> Terminal {
        let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let (quiet, verbose) = (common.quiet, common.verbose);
        Terminal { quiet, verbose, colour, bar: Mutex::default(), stop: Arc::default() }
    }

    /// How standard output is written to: as wide as the terminal (100 columns where it is none), and in colour to a person.
    pub fn look(&self) -> Look {
        let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        Look { width, colour }
    }

    /// From here on Ctrl-C lets running work end by itself, so that nothing is left half-written; a second
    /// one ends the program.
    pub fn stop_on_interrupt(&self) {
        let stop = Arc::clone(&self.stop);
        let interrupted = move || {
            if stop.swap(true, Ordering::Relaxed) {
                end_at_once();
            }
        };
        self.on_interrupt(interrupted);
    }

    /// From here on Ctrl-C ends the program at once, and removes what is half-written.
    pub fn end_on_interrupt(&self) {
        self.on_interrupt(end_at_once);
    }

    fn on_interrupt(&self, interrupted: impl FnMut() + 'static + Send) {
        if let Err(e) = ctrlc::set_handler(interrupted) {
            self.warn(&format!("Ctrl-C may leave a half-written file: {e}"));
        }
    }

    /// Something the user should know.
    pub fn warn(&self, message: &str) {
        self.say("warning", "33", message);
    }

    /// Why the command failed.
    pub fn error(&self, message: &str) {
        self.say("error", "31", message);
    }

    /// A detail, for `-v`.
    pub fn detail(&self, message: &str) {
        if self.verbose {
            self.say("note", "36", message);
        }
    }

    fn say(&self, kind: &str, colour: &str, message: &str) {
        let line = if self.colour {
            format!("\x1b[1;{colour}m{kind}:\x1b[0m {message}")
        } else {
            format!("{kind}: {message}")
        };
        match &*self.lock() {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// Takes the progress bar away.
    pub fn clear(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        // a bar is drawn all the same after a panic elsewhere
        self.bar.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn end_at_once() {
    overhear::unfinished::remove_all();
    std::process::exit(130);
}

impl Progress for Terminal {
    fn begin(&self, stage: &str, steps: u64) {
        // before the next one is drawn: two bars at once would leave the first one's line behind
        self.clear();
        let visible = !self.quiet && io::stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        // what is left is known once something was done
        let template = "{msg:20} {wide_bar} {percent:>3} %  {elapsed} gone{left}";
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            let left = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                if state.pos() > 0 {
                    let _ = write!(out, ", {} left", HumanDuration(state.eta()));
                }
            };
            bar.set_style(style.with_key("left", left).progress_chars("━╸─"));
        }
        bar.set_message(stage.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        *self.lock() = Some(bar);
    }

    fn advance(&self, steps: u64) {
        if let Some(bar) = &*self.lock() {
            bar.inc(steps);
        }
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
