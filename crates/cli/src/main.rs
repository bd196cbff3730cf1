//! The `overhear` command.
fn main() {}
