//! Options that every command has.

use clap::Args;
use std::num::NonZeroUsize;

/// Options of every command.
#[derive(Args)]
pub struct Common {
    /// Seed of everything drawn by chance; the same seed gives the same results
    #[arg(long, global = true, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Worker threads [default: one for each core]; results do not depend on it
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Show no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true)]
    pub verbose: bool,
}
