//! How many bytes may be on their way at once.
//!
//! As in TCP, it starts small, grows with what arrives soon, and shrinks where things take long. On a slow line little
//! is under way then: little is lost when the line breaks, and each request ends long before anybody gives it up. On a
//! fast one it is soon as wide as memory allows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_s3::config::{Builder, StalledStreamProtectionConfig, timeout::TimeoutConfig};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Bytes that room is given in.
pub(super) const UNIT: usize = 256 << 10;

/// Bytes on their way at first.
const START: usize = 32 << 20;

/// Bytes that may always be on their way.
const LEAST: usize = 16 << 20;

/// What arrives within this time makes room for more.
const SOON: Duration = Duration::from_secs(10);

/// What takes more than this takes room away.
const LONG: Duration = Duration::from_secs(30);

/// How long an answer may take that all is ready for; what the folder's client allows by itself.
pub(super) const ANSWER: Duration = Duration::from_secs(60);

/// How often that is doubled at most, for the slowest lines: to 68 hours.
const STEPS: u32 = 12;

/// How long nothing may leave of a body that has begun.
const STILL: Duration = Duration::from_secs(60);

/// Bytes a second that are counted on before any have arrived.
const SLOWEST: u64 = 16 << 10;

/// Bytes a second that are counted on at most: a line may become slower.
const USUAL: u64 = 512 << 10;

/// The bytes that are on their way, and those that may be.
#[derive(Debug)]
pub(super) struct Window {
    room: Arc<Semaphore>,
    state: Mutex<State>,
    /// Units that there is room for at most.
    most: usize,
    /// Whether it grows and shrinks.
    adapts: bool,
    /// Bytes a second that are counted on before any have arrived.
    slowest: u64,
}

#[derive(Debug)]
struct State {
    /// Units that there is room for.
    width: usize,
    /// Units that somebody has asked for at once: it can't be narrower.
    least: usize,
    /// Units to take away as they come back.
    owed: usize,
    /// Bytes on their way.
    flying: u64,
    /// Bytes that have arrived, since when.
    arrived: u64,
    since: Option<Instant>,
}

impl Window {
    /// Room for so many bytes at most; for all of them from the beginning unless it `adapts`. `rate` is how many bytes a
    /// second may move, where that is limited.
    pub(super) fn new(most: usize, adapts: bool, rate: Option<u64>) -> Self {
        let most = most / UNIT;
        let width = if adapts { most.min(START / UNIT) } else { most };
        let least = width.min(LEAST / UNIT);
        let state = State { width, least, owed: 0, flying: 0, arrived: 0, since: None };
        let slowest = rate.unwrap_or(SLOWEST).min(SLOWEST);
        Self { room: Arc::new(Semaphore::new(width)), state: Mutex::new(state), most, adapts, slowest }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn units(&self, bytes: usize) -> usize {
        bytes.div_ceil(UNIT).clamp(1, self.most)
    }

    /// Waits until there is room for so many bytes. What is larger than all of it goes alone.
    pub(super) async fn room(self: &Arc<Self>, bytes: usize) -> Room {
        let units = self.units(bytes);
        {
            let mut state = self.state();
            state.least = state.least.max(units);
            let missing = units.saturating_sub(state.width);
            self.widen(&mut state, missing);
        }
        let units = u32::try_from(units).expect("the number of units is small");
        let permit = self.room.clone().acquire_many_owned(units).await.expect("the semaphore is never closed");
        Room { permit: Some(permit), window: self.clone() }
    }

    /// Room for so many bytes, if nobody has to wait for it.
    pub(super) fn spare_room(self: &Arc<Self>, bytes: usize) -> Option<Room> {
        let units = u32::try_from(self.units(bytes)).ok()?;
        let permit = self.room.clone().try_acquire_many_owned(units).ok()?;
        Some(Room { permit: Some(permit), window: self.clone() })
    }

    /// Whether it is as wide as it gets.
    pub(super) fn is_widest(&self) -> bool {
        self.state().width == self.most
    }

    /// So many bytes begin to move.
    pub(super) fn departs(self: &Arc<Self>, bytes: u64) -> Flight {
        let mut state = self.state();
        state.flying += bytes;
        let began = Instant::now();
        state.since.get_or_insert(began);
        Flight { window: self.clone(), bytes, began, arrived: false }
    }

    #[cfg(test)]
    pub(super) fn free_units(&self) -> usize {
        self.room.available_permits()
    }

    fn widen(&self, state: &mut State, units: usize) {
        let units = units.min(self.most - state.width);
        state.width += units;
        let kept = units.min(state.owed);
        state.owed -= kept;
        self.room.add_permits(units - kept);
    }

    fn narrow(&self, state: &mut State, units: usize) {
        let units = units.min(state.width.saturating_sub(state.least));
        state.width -= units;
        state.owed += units - self.room.forget_permits(units);
    }

    /// How long an answer to what departs now may take, where that is longer than usual: as long as all that is on its way
    /// takes on this line, which buffers between here and S3 may hold, and the answer itself.
    ///
    /// In few steps, because the SDK keeps connections apart by this time.
    fn patience(&self) -> Option<Duration> {
        let state = self.state();
        let seconds = state.since.map_or(0.0, |since| since.elapsed().as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let (arrived, flying, slowest, usual) =
            (state.arrived as f64, state.flying as f64, self.slowest as f64, USUAL as f64);
        let rate = if arrived > 0.0 { (arrived / seconds.max(0.001) / 4.0).min(usual) } else { slowest };
        let moving = Duration::try_from_secs_f64(flying / rate).unwrap_or(Duration::MAX / 2);
        (moving > ANSWER / 2).then(|| {
            let mut steps = (1..=STEPS).map(|step| ANSWER * (1 << step));
            steps.clone().find(|step| *step >= ANSWER.saturating_add(moving)).or(steps.next_back()).unwrap_or(ANSWER)
        })
    }
}

/// Leave for so many bytes to be on their way.
#[derive(Debug)]
pub(super) struct Room {
    permit: Option<OwnedSemaphorePermit>,
    window: Arc<Window>,
}

impl Room {
    /// One unit of it, while there are some.
    pub(super) fn split(&mut self) -> Option<Self> {
        let permit = self.permit.as_mut()?.split(1)?;
        Some(Self { permit: Some(permit), window: self.window.clone() })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let Some(mut permit) = self.permit.take() else { return };
        let mut state = self.window.state();
        let owed = state.owed.min(permit.num_permits());
        if let Some(owed) = permit.split(owed) {
            state.owed -= owed.num_permits();
            owed.forget();
        }
    }
}

/// Bytes on their way.
#[derive(Debug)]
pub(super) struct Flight {
    window: Arc<Window>,
    bytes: u64,
    began: Instant,
    arrived: bool,
}

impl Flight {
    /// They have arrived.
    pub(super) fn arrived(mut self) {
        self.arrived = true;
    }

    /// What a request that sends them needs besides: the SDK counts the time to an answer from when it begins to send.
    pub(super) fn patience(&self) -> Builder {
        let Some(patience) = self.window.patience() else { return Builder::new() };
        Builder::new()
            .timeout_config(TimeoutConfig::builder().read_timeout(patience).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(STILL).build())
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let (window, took) = (&self.window, self.began.elapsed());
        let units = window.units(usize::try_from(self.bytes).unwrap_or(usize::MAX));
        let mut state = window.state();
        state.flying -= self.bytes;
        if self.arrived {
            state.arrived += self.bytes;
        }
        if window.adapts && self.arrived && took < SOON {
            window.widen(&mut state, units);
        } else if window.adapts && took > LONG {
            window.narrow(&mut state, units);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const PART: usize = 8 << 20;
    const MOST: usize = 128 << 20;

    /// Sends so many parts as soon as there is room for each, on a line of so many bytes a second; how many were on their
    /// way at most in each half of them.
    async fn send(window: &Arc<Window>, parts: usize, per_second: u64) -> (usize, usize) {
        let mut under_way = std::collections::VecDeque::new();
        let (mut first, mut second) = (0, 0);
        for number in 0..parts {
            loop {
                if let Some(room) = window.spare_room(PART) {
                    let flight = window.departs(PART as u64);
                    under_way.push_back((room, flight, window.patience().unwrap_or(ANSWER)));
                    break;
                }
                advance(Duration::from_secs_f64(PART as f64 / per_second as f64)).await;
                let (room, flight, patience) = under_way.pop_front().unwrap();
                assert!(flight.began.elapsed() < patience, "it would have been given up");
                flight.arrived();
                drop(room);
            }
            let most = if number < parts / 2 { &mut first } else { &mut second };
            *most = under_way.len().max(*most);
        }
        (first, second)
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_line_is_filled_and_a_slow_one_is_not() {
        let window = |adapts| Arc::new(Window::new(MOST, adapts, None));
        assert_eq!(send(&window(true), 200, 100 << 20).await, (16, 16));
        assert_eq!(send(&window(false), 200, 100 << 20).await, (16, 16));
        // 8 Mbit/s, where sixteen parts take more than two minutes.
        assert_eq!(send(&window(true), 60, 1 << 20).await, (5, 2));
        // 256 kbit/s.
        assert_eq!(send(&window(true), 20, 32 << 10).await, (4, 2));
        assert_eq!(send(&window(false), 60, 1 << 20).await, (16, 16));
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_gets_slower_or_faster_is_noticed() {
        let window = Arc::new(Window::new(MOST, true, None));
        assert_eq!(send(&window, 100, 100 << 20).await, (16, 16));
        assert!(window.is_widest());
        assert_eq!(send(&window, 100, 512 << 10).await.1, 2);
        assert_eq!(send(&window, 100, 100 << 20).await.1, 16);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_after_long_makes_it_narrower_too() {
        let window = Arc::new(Window::new(MOST, true, None));
        let flight = window.departs(PART as u64);
        advance(LONG * 2).await;
        drop(flight);
        let state = window.state();
        assert_eq!((state.width, state.flying, state.arrived), ((START - PART) / UNIT, 0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_larger_than_all_of_it_goes_alone_however_narrow_it_is() {
        let window = Arc::new(Window::new(MOST, true, None));
        let (small, large) = (window.room(UNIT).await, window.room(2 * MOST));
        let mut large = std::pin::pin!(large);
        assert!(futures_util::poll!(large.as_mut()).is_pending(), "there is another");
        for _ in 0..50 {
            let flight = window.departs(PART as u64);
            advance(LONG * 2).await;
            flight.arrived();
        }
        drop(small);
        drop(large.await);
        assert_eq!(window.free_units(), MOST / UNIT);
    }

    #[tokio::test(start_paused = true)]
    async fn room_that_is_in_use_when_it_narrows_is_taken_away_when_it_comes_back() {
        let window = Arc::new(Window::new(MOST, true, None));
        let mut all = window.room(START).await;
        // It may be as narrow as half of that from here on.
        window.state().least = LEAST / UNIT;
        let flight = window.departs(MOST as u64);
        advance(LONG * 2).await;
        flight.arrived();
        let owed = || window.state().owed;
        assert_eq!((window.free_units(), owed()), (0, LEAST / UNIT));
        drop(all.split());
        assert_eq!((owed(), window.free_units()), (LEAST / UNIT - 1, 0));
        drop(all);
        assert_eq!((owed(), window.free_units()), (0, LEAST / UNIT));
    }

    #[tokio::test(start_paused = true)]
    async fn few_times_are_told_apart_however_the_line_behaves() {
        let window = Arc::new(Window::new(MOST, true, None));
        let mut told = std::collections::BTreeSet::new();
        for round in 1..2000_u64 {
            let flights: Vec<_> = (0..round % 17).map(|n| window.departs(n * 1_000_003)).collect();
            told.extend(window.patience());
            advance(Duration::from_millis(round * round % 90_001)).await;
            flights.into_iter().for_each(Flight::arrived);
        }
        assert!(told.len() > 2 && told.len() <= STEPS as usize, "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_take_as_long_as_the_line_needs() {
        let window = Arc::new(Window::new(MOST, true, None));
        let first = window.departs(4 << 10);
        assert_eq!(window.patience(), None, "nothing to speak of is on its way");
        advance(Duration::from_secs(1)).await;
        first.arrived();
        let limited = Arc::new(Window::new(MOST, true, Some(1024)));
        let _slow = limited.departs(PART as u64);
        assert!(limited.patience().unwrap() > Duration::from_secs(PART as u64 / 1024));
    }
}
