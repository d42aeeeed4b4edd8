/** The names by which everybody knows some modules, with the import that binds each: a name that has one meaning only. */
export const MODULE_IMPORTS: ReadonlyMap<string, string> = new Map([
  ["joblib", "import joblib"],
  ["json", "import json"],
  ["lgb", "import lightgbm as lgb"],
  ["math", "import math"],
  ["np", "import numpy as np"],
  ["os", "import os"],
  ["pd", "import pandas as pd"],
  ["pickle", "import pickle"],
  ["plt", "import matplotlib.pyplot as plt"],
  ["random", "import random"],
  ["sns", "import seaborn as sns"],
  ["sys", "import sys"],
  ["tf", "import tensorflow as tf"],
  ["time", "import time"],
  ["torch", "import torch"],
  ["xgb", "import xgboost as xgb"],
]);
