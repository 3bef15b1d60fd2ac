//! The loopback origin as a program, for benches and for walks by hand.
//!
//! `origin [FOLDER]` prints its address and serves until its input ends; `origin --log [FOLDER]` then prints what was
//! asked. Paths say how they are answered, see `tests::origin::Modes`.

use std::io::Read;
use std::path::PathBuf;

use tests::origin::{Modes, Origin, Route};

fn main() {
    let mut args: Vec<_> = std::env::args_os().skip(1).collect();
    let is_logged = args.first().is_some_and(|first| first == "--log");
    if is_logged {
        args.remove(0);
    }
    let folder = args.pop().map(PathBuf::from);
    let origin = Origin::start([("/", Route::Modes(Modes::over(folder)))]);
    println!("{}", origin.url(""));
    let mut waste = Vec::new();
    let _ended = std::io::stdin().read_to_end(&mut waste);
    if is_logged {
        for request in origin.requests() {
            println!(
                "{} {} {} {:?}",
                request.connection,
                request.line(),
                request.sent,
                request.headers
            );
        }
        println!(
            "{} requests on {} connections",
            origin.requests().len(),
            origin.connections()
        );
    }
}
