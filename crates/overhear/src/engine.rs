//! Where work is run: on threads, with progress and stopping in one place.

use crate::Error;
use crate::progress::Progress;
use rayon::prelude::*;

/// Runs jobs on the worker threads; each hears of a request to stop before it begins, and tells when it is done.
///
/// What a job gives depends on the job alone, so results are the same on any number of threads.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    progress: &'a dyn Progress,
    counted: bool,
}

impl<'a> Engine<'a> {
    /// Work that reports to `progress`.
    pub fn new(progress: &'a dyn Progress) -> Engine<'a> {
        Engine { progress, counted: true }
    }

    /// Work that nobody watches.
    pub fn silent() -> Engine<'static> {
        Engine { progress: &crate::progress::Silent, counted: false }
    }

    /// Work that can be stopped as well, and whose steps nobody counts.
    pub fn unwatched(&self) -> Engine<'a> {
        Engine { counted: false, ..*self }
    }

    /// A stage begins: what it does, and of how many steps.
    pub fn stage(&self, name: &str, steps: u64) {
        if self.counted {
            self.progress.begin(name, steps);
        }
    }

    /// Fails where a stop was asked for: work calls it between steps.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub fn check(&self) -> Result<(), Error> {
        if self.progress.stop_requested() { Err(Error::Stopped) } else { Ok(()) }
    }

    /// One step is done.
    pub fn step(&self) {
        self.steps(1);
    }

    /// Runs every job, a step each; results in the jobs' order.
    ///
    /// # Errors
    /// The first error in the jobs' order among those that ran; [`Error::Stopped`].
    pub fn each<J: Sync, T: Send>(
        &self,
        jobs: &[J],
        run: impl Fn(&J) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        self.in_steps(jobs, |job| {
            let done = run(job)?;
            self.step();
            Ok(done)
        })
    }

    /// Runs every job; jobs count their own steps.
    ///
    /// # Errors
    /// As [`Engine::each`].
    pub fn in_steps<J: Sync, T: Send>(
        &self,
        jobs: &[J],
        run: impl Fn(&J) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let checked = |job: &J| {
            self.check()?;
            run(job)
        };
        jobs.par_iter().map(checked).collect()
    }
}

impl Engine<'_> {
    /// So many steps are done.
    pub fn steps(&self, n: u64) {
        if self.counted {
            self.progress.advance(n);
        }
    }

    /// Runs every job as soon as a thread is free, in this order: the longest first keeps all threads busy to the end.
    ///
    /// # Errors
    /// The first error that comes; [`Error::Stopped`].
    pub fn pulled<J: Sync>(
        &self,
        jobs: &[J],
        run: impl Fn(&J) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        jobs.iter().par_bridge().try_for_each(|job| {
            self.check()?;
            run(job)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct StopAfter {
        done: AtomicU64,
        most: u64,
    }

    impl Progress for StopAfter {
        fn begin(&self, _stage: &str, _steps: u64) {}
        fn advance(&self, steps: u64) {
            self.done.fetch_add(steps, Ordering::Relaxed);
        }
        fn stop_requested(&self) -> bool {
            self.done.load(Ordering::Relaxed) >= self.most
        }
    }

    #[test]
    fn results_come_in_the_jobs_order_and_steps_are_counted() {
        let progress = StopAfter { most: u64::MAX, ..StopAfter::default() };
        let jobs: Vec<u32> = (0..100).collect();
        assert_eq!(Engine::new(&progress).each(&jobs, |job| Ok(job * 2)).unwrap()[99], 198);
        assert_eq!(progress.done.into_inner(), 100);
    }

    #[test]
    fn a_stop_ends_the_work() {
        let progress = StopAfter { most: 3, ..StopAfter::default() };
        let jobs: Vec<u32> = (0..1000).collect();
        let found = Engine::new(&progress).each(&jobs, |job| Ok(*job));
        assert!(matches!(found, Err(Error::Stopped)));
        assert!(progress.done.into_inner() < 1000);
    }
}
