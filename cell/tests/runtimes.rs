//! Real containers in each runtime that this machine can do; what it cannot is said loudly.
#![allow(
    clippy::disallowed_methods,
    reason = "the harness stands outside and looks in"
)]

use cell::bundle::*;
use cell::runtime::*;
use std::path::{Path, PathBuf};

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_cell"))
}

#[test]
fn try_all() {
    for kind in [Kind::Embedded, Kind::Runc, Kind::Crun, Kind::None] {
        for isolation in [Isolation::UserNamespace, Isolation::Privileged] {
            let ws = tempfile::tempdir().unwrap();
            let t = std::time::Instant::now();
            let r = probe(kind, isolation, &program(), ws.path());
            println!("{kind:?} {isolation:?} {r:?} {:?}", t.elapsed());
            let c = Container { root: RootFs::Host, isolation, mounts: vec![], memory: None, hostname: "x".into(),
                process: Process { args: vec!["sh".into(), "-c".into(), "id; pwd; ls -ld /tmp / /etc /home/vcap; touch /tmp/a /home/vcap/b && ls -l /tmp /home/vcap; touch /x /usr/x; hostname; ps ax; grep -E 'Cap|NoNew' /proc/self/status; cat /proc/self/mountinfo | cut -d' ' -f4-6; env; exit 7".into()],
                  env: vec![("PATH".into(), "/usr/bin:/bin".into()),("HOME".into(),"/home/vcap".into())], cwd: "/home/vcap".into(), uid: 2000, gid: 2000 } };
            let rt = Runtime::new(kind, program());
            let run = rt.start(
                &c,
                ws.path(),
                Stdio {
                    stdin: Stream::Null,
                    stdout: Stream::Inherit,
                    stderr: Stream::Inherit,
                },
            );
            match run {
                Ok(r) => {
                    println!("pid {}", r.pid());
                    println!("{:?}", r.wait());
                }
                Err(e) => println!("ERR {e} {e:?}"),
            }
            for e in std::fs::read_dir(ws.path()).unwrap() {
                println!("left {:?}", e.unwrap().path());
            }
            let _ = Path::new("/");
        }
    }
}
