//! The `overhear` command: one file per command, all else in the libraries.

#![forbid(unsafe_code)]

mod command;
mod failure;
mod options;
mod terminal;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = command::Arguments::parse();
    let terminal = terminal::Terminal::new(&arguments.common);
    if let Some(threads) = arguments.common.threads {
        // the pool is built once, here, before anything asks for it
        let built = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
        if let Err(e) = built {
            terminal.warn(&format!("--threads {threads}: {e}"));
        }
    }
    match arguments.command.run(&arguments.common, &terminal) {
        Ok(code) => code,
        Err(failure) => failure.report(&terminal),
    }
}
