"""Copy the four fonts of the house style from the npm packages to the folder given."""

import shutil
import sys
from pathlib import Path

PACKAGES = Path(__file__).parent / "node" / "node_modules" / "@expo-google-fonts"
FONTS = (
    "noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
    "noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf",
    "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
)


def main(target: Path) -> None:
    """Place every font under its own file name."""
    target.mkdir(parents=True, exist_ok=True)
    for font in FONTS:
        shutil.copyfile(PACKAGES / font, target / Path(font).name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
