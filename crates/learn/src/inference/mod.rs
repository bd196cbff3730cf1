//! What may be concluded from scores: randomisation tests and intervals over units, never over windows.
//!
//! A test permutes what the coin of the design drew ([`Design`]), refits, and compares the best of all
//! statistics under each assignment ([`max_t()`]). An interval comes from nested cross-validation over whole
//! units ([`nested_interval`]), since folds share training rows and the plain bootstrap is too short.
//! Source: METHOD §4.

mod assignment;
mod max_t;
mod nested;
mod order;
mod several;
mod student;

pub use assignment::{Assignments, Design, Order};
pub use max_t::{MaxT, max_t, max_t_scaled};
pub use nested::{Nested, Repetition, nested_interval, nested_interval_by_class};
pub use order::{InTime, OrderTest, Pattern, order_test};
pub use several::{joint_p, simultaneous_quantile};
pub use student::student_quantile;
