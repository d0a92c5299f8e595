"""stub"""

import argparse


def demo(options: argparse.Namespace) -> None: ...
