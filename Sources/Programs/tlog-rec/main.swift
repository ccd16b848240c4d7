import Capture
import System
