//! Options that every command has.

use clap::Args;
use std::num::NonZeroUsize;

/// Where help lists them, below a command's own.
const EVERYWHERE: &str = "Options of every command";

/// Options of every command.
#[derive(Args)]
pub struct Common {
    /// Seed of everything drawn by chance; the same seed gives the same results
    #[arg(long, global = true, help_heading = EVERYWHERE, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Worker threads [default: one for each core]; results do not depend on it
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Show no progress
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub verbose: bool,
}
