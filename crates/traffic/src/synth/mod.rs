//! A generated campaign with known truth.
