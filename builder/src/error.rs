//! Why a staging failed, one variant per phase, and the exit status of each.

use thiserror::Error;

use crate::exit_code::ExitCode;
use crate::journal::Phase;
use crate::phase::clean::CleanError;
use crate::phase::detect::NothingDetected;
use crate::phase::finalize::BuildError;
use crate::phase::locate::LocateError;
use crate::phase::package::PackageError;
use crate::phase::release::ReleaseError;
use crate::phase::report::ReportError;
use crate::phase::setup::SetupError;
use crate::phase::supply::SupplyError;
use crate::platform::credhub::CredhubError;

/// A failed staging; displays as the words that the platform and its users match on.
#[derive(Debug, Error)]
pub enum StagingError {
    /// What the platform handed over cannot be used.
    #[error(transparent)]
    Platform(#[from] CredhubError),
    /// The folders of the staging could not be made.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A buildpack could not be brought in.
    #[error(transparent)]
    Locate(#[from] LocateError),
    /// The artifacts cache could not be cleaned.
    #[error(transparent)]
    Clean(#[from] CleanError),
    /// No buildpack detected the application.
    #[error(transparent)]
    Detect(#[from] NothingDetected),
    /// The dependencies could not be supplied.
    #[error(transparent)]
    Supply(#[from] SupplyError),
    /// The final buildpack failed.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The start commands could not be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The result could not be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The droplet or the artifacts cache could not be packed.
    #[error(transparent)]
    Package(#[from] PackageError),
}

impl StagingError {
    /// The status that the process ends with: by phase, never by text (§17).
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Platform(CredhubError::Options(_)) => ExitCode::PlatformOptions,
            Self::Platform(CredhubError::Setup(_) | CredhubError::Exchange(_)) => ExitCode::CredHub,
            Self::Setup(_) | Self::Locate(_) | Self::Clean(_) | Self::Report(_) | Self::Package(_) => {
                ExitCode::Failed
            }
            Self::Detect(_) => ExitCode::NothingDetected,
            Self::Supply(_) => ExitCode::Supply,
            Self::Build(_) => ExitCode::Build,
            Self::Release(ReleaseError::Script(_) | ReleaseError::Output(_)) => ExitCode::Release,
            Self::Release(ReleaseError::LaunchYml(_) | ReleaseError::Procfile(_)) => ExitCode::Failed,
        }
    }

    /// The phase that failed; scripts of the last buildpack are told apart, which the status does not do (§17).
    #[must_use]
    pub const fn phase(&self) -> Phase {
        match self {
            Self::Platform(_) => Phase::Platform,
            Self::Setup(_) => Phase::Setup,
            Self::Locate(_) => Phase::Locate,
            Self::Clean(_) => Phase::Clean,
            Self::Detect(_) => Phase::Detect,
            Self::Supply(_) => Phase::Supply,
            Self::Build(BuildError::Supply(_) | BuildError::Finalize(_)) => Phase::Finalize,
            Self::Build(BuildError::Compile(_)) => Phase::Compile,
            Self::Release(_) => Phase::Release,
            Self::Report(_) => Phase::Report,
            Self::Package(_) => Phase::Package,
        }
    }

    /// Tells whether the message is followed by a line end; the legacy leaves it out before phase 4 (§14).
    #[must_use]
    pub const fn ends_line(&self) -> bool {
        !matches!(self, Self::Platform(_))
    }
}

/// An error and everything behind it, joined by `: `; the one place where causes are put together.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        text.push_str(": ");
        text.push_str(&cause_text);
        next = cause.source();
    }
    text
}
